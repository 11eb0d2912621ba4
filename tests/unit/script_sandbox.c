/* sn0int's library in the real runbox-sn0int, behind the filter of profile compute: what it answers, how it
 * fails, what it sends. The values are in tests/unit/lua/sandbox.lua. */
#include "tests/unit/script_box.h"

#include <fcntl.h>

#include "tests/unit/tap.h"

static char script[1 << 17];

static const char *read_script(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, script, sizeof script - 1);

    script[n > 0 ? n : 0] = 0;
    if (fd >= 0)
        close(fd);
    return script;
}

#define START                                                                                  \
    "{\"arg\":{\"a\":1,\"b\":null},\"options\":{\"name\":\"value\"},\"verbose\":0,\"seed\":7," \
    "\"keyring\":[{\"namespace\":\"aws\",\"access_key\":\"K1\",\"secret_key\":\"s\"},"         \
    "{\"namespace\":\"aws\",\"access_key\":\"K2\",\"secret_key\":null}],\"blobs\":[\"YXNkZg==\"]}"

/* CODE ends with status WANT; with ALL, its lines are exactly TEXT and the exit, else TEXT is there. */
static void expect(const char *code, const char *reply, int want, bool all, const char *text)
{
    struct job job = {.sources = {{"main.lua", code, 0}},
                      .start = START,
                      .reply = reply,
                      .flags = SETUP_SANDBOX,
                      .arena = 32u << 20};
    struct outcome o = box_run(&job);
    const char *lines = o.lines;
    size_t n = strlen(text);

    ok(outcome_exit(&o) == want && o.syscall < 0, "status %d (%d), syscall %d: %.60s",
       outcome_exit(&o), want, o.syscall, code);
    if (!ok((all ? strncmp(lines, text, n) == 0 && strncmp(lines + n, "{\"Exit\":", 8) == 0
                 : strstr(lines, text) != NULL),
            "%.*s", (int)strcspn(text, "\n"), text))
        printf("# %.2000s\n", o.lines);
    outcome_free(&o);
}

#define RUN(code) "function run(arg) " code " end"

static void test_shown(void)
{
    static const char *const shown[][2] = {
        {"'ohai'", "\\\"ohai\\\""},
        {"1337", "1337.0"},
        {"-0.0", "-0.0"},
        {"1e15", "1000000000000000.0"},
        {"1e16", "1e16"},
        {"1.5e-7", "1.5e-7"},
        {"0.0001", "0.0001"},
        {"123.456", "123.456"},
        {"1/0", "inf"},
        {"nil", "null"},
        {"true", "true"},
        {"print", "LuaOther"},
        {"{b = 1, a = {'x'}, 2}", "{1.0: 2.0, \\\"a\\\": {1.0: \\\"x\\\"}, \\\"b\\\": 1.0}"},
        {"'\\\\ \\n\\0\\27 \\u{202e}\\u{e9}'",
         "\\\"\\\\\\\\ \\\\n\\\\0\\\\u{1b} \\\\u{202e}\xc3\xa9\\\""},
        {"'\\xff\\1'", "[255, 1]"},
    };

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        char code[128], line[160];

        snprintf(code, sizeof code, RUN("info(%s)"), shown[i][0]);
        snprintf(line, sizeof line, "{\"Log\":{\"Info\":\"%s\"}}\n", shown[i][1]);
        expect(code, NULL, 0, true, line);
    }
    expect(RUN("local t = {} t.t = t info(t)"), NULL, 1, false, "nested too deeply");
    expect(
        RUN("error('e') warn('w') warn_once('o') status('s') debug('d') print('p')"), NULL, 0, true,
        "{\"Log\":{\"Error\":\"e\"}}\n{\"Log\":{\"Warn\":\"w\"}}\n{\"Log\":{\"WarnOnce\":\"o\"}}\n"
        "{\"Log\":{\"Status\":\"s\"}}\n{\"Stdio\":{\"Write\":\"\\\"p\\\"\\n\"}}\n");
}

static void test_ends(void)
{
    expect(RUN(""), NULL, 0, true, "");
    expect(RUN("return 1"), NULL, 0, true, "");
    expect(RUN("return 'no \"luck\"'"), NULL, 1, false,
           "{\"Exit\":{\"Err\":\"Script returned error: \\\"no \\\\\\\"luck\\\\\\\"\\\"\"}}");
    expect(RUN("set_err('kept')"), NULL, 1, false, "{\"Exit\":{\"Err\":\"kept\"}}");
    expect(RUN("set_err('kept') clear_err()"), NULL, 0, true, "");
    expect("x = 1", NULL, 1, false, "{\"Exit\":{\"Err\":\"run undefined\"}}");
    expect("function", NULL, 1, false, "main.lua:1:");
    expect(RUN("nothing()"), NULL, 1, true, "");
    expect(RUN("http_request()"), NULL, 1, false, "http_request: needs a network");
    expect(RUN("html_select()"), NULL, 1, false, "bad argument #1");
    expect(RUN("sleep(1) sleep(0.5)"), NULL, 0, true,
           "{\"Sleep\":{\"secs\":1,\"nanos\":0}}\n{\"Sleep\":{\"secs\":0,\"nanos\":500000000}}\n");
    expect(RUN("sleep(-1)"), NULL, 1, false, "expected 0 to 2147483647");
    expect(RUN("assert(not (io or os or require or box or dofile))"), NULL, 0, true, "");
}

#define INSERT(variant) "{\"Database\":{\"Insert\":{" variant "}}}\n"

static void test_entities(void)
{
    static const char yes[] = "{\"Ok\":{\"Inserted\":1337}}";

    expect(RUN("assert(db_add('domain', {value='Example.com', x=1}) == 1337)"), yes, 0, true,
           INSERT("\"Domain\":{\"value\":\"example.com\",\"unscoped\":false}"));
    expect(RUN("db_add('ipaddr', {value='::0:1', asn=3.0, latitude=1.5})"), yes, 0, true,
           INSERT("\"IpAddr\":{\"family\":\"6\",\"value\":\"::1\",\"continent\":null,"
                  "\"continent_code\":null,\"country\":null,\"country_code\":null,\"city\":null,"
                  "\"latitude\":1.5,\"longitude\":null,\"asn\":3,\"as_org\":null,"
                  "\"description\":null,\"reverse_dns\":null,\"unscoped\":false}"));
    expect(RUN("db_add('url', {subdomain_id=1, value='http://h/a?b', body='\\0\\xff'})"), yes, 0,
           true,
           INSERT("\"Url\":{\"subdomain_id\":1,\"value\":\"http://h/a?b\",\"path\":\"/a\","
                  "\"status\":null,\"body\":[0,255],\"online\":null,\"title\":null,"
                  "\"redirect\":null,\"unscoped\":false}"));
    expect(RUN("db_add('url', {subdomain_id=1, value='http://h', body=''})"), yes, 0, false,
           "\"body\":[]");
    expect(RUN("db_add('port', {ip_addr_id=1, ip_addr='::1', port=22, protocol='tcp'})"), yes, 0,
           false, "\"value\":\"tcp/[::1]:22\",\"ip_addr\":\"::1\",\"port\":22");
    expect(RUN("db_add('account', {service='a', username='b'})"), yes, 0, false,
           "\"value\":\"a/b\"");
    expect(RUN("db_add('netblock', {value='10.0.0.0/8'})"), yes, 0, false,
           "\"family\":\"4\",\"value\":\"10.0.0.0/8\"");
    expect(RUN("db_add('image', {value=create_blob('hi')})"), yes, 0, false,
           "{\"Blob\":\"aGk=\"}\n{\"Database\":{\"Insert\":{\"Image\":");
    expect(RUN("db_add('image', {value='DTTV3EjpHBNJx3Zw7eJsVPm4bYXKmNkJQpVNkcvTtTSz'})"), yes, 0,
           false, "{\"Blob\":\"YXNkZg==\"}\n");
    expect(RUN("db_add_ttl('network-device', {network_id=1, device_id=13}, 120)"), yes, 0, true,
           "{\"Database\":{\"InsertTtl\":[{\"NetworkDevice\":{\"network_id\":1,\"device_id\":13,"
           "\"ipaddr\":null,\"last_seen\":null}},120]}}\n");
    expect(RUN("assert(db_activity({topic='a/b:c', time='2019-09-08T08:28:57', "
               "radius=30.0, content={a='b', n=1.0}}) == false)"),
           yes, 0, true,
           "{\"Database\":{\"Activity\":{\"topic\":\"a/b:c\",\"time\":\"2019-09-08T08:28:57\","
           "\"uniq\":null,\"latitude\":null,\"longitude\":null,\"radius\":30,"
           "\"content\":\"{\\\"a\\\":\\\"b\\\",\\\"n\\\":1}\"}}}\n");
    expect(RUN("assert(db_select('subdomain-ipaddr', 'a') == nil)"), "{\"Ok\":\"None\"}", 0, true,
           "{\"Database\":{\"Select\":[\"SubdomainIpaddr\",\"a\"]}}\n");
}

static void test_updates(void)
{
    static const char yes[] = "{\"Ok\":{\"Updated\":7}}";

    expect(RUN("assert(db_update('subdomain', {id=7, value='a', resolvable=false}, "
               "{resolvable=true, value='b'}) == 7)"),
           yes, 0, true,
           "{\"Database\":{\"Update\":[\"Subdomain\",\"a\",{\"Subdomain\":{\"id\":7,"
           "\"resolvable\":true}}]}}\n");
    expect(RUN("assert(db_update('email', {id=7, value='a', valid=true}, {valid=true}) == 7)"), yes,
           0, true, "");
    expect(RUN("db_update('email', {id=14/2, value='a'}, {valid=true})"), yes, 0, true,
           "{\"Database\":{\"Update\":[\"Email\",\"a\",{\"Email\":{\"id\":7,\"displayname\":null,"
           "\"valid\":true}}]}}\n");
    expect(RUN("db_update('domain', {id=7, value='a'}, {})"), yes, 1, false,
           "Domain doesn't have mutable fields");
    expect(RUN("db_update('email', {}, {})"), yes, 1, false, "the entity lacks `id`");
}

static void test_refused(void)
{
    static const char *const wrong[][2] = {
        {"db_add('nope', {})", "no such family"},
        {"db_add('', {})", "no such family"},
        {"db_add('domain', {})", "Domain: missing field `value`"},
        {"db_add('domain', {value=1})",
         "field `value`: expected a UTF-8 string without NUL, not number"},
        {"db_add('domain', {value='\\xff'})", "expected a UTF-8 string without NUL"},
        {"db_add('domain', {value='\\0'})", "expected a UTF-8 string without NUL"},
        {"db_add('network', {value='a', latitude=0/0})", "NaN has no JSON form"},
        {"db_add('domain', {value='*.a'})", "Asterisks"},
        {"db_add('ipaddr', {value='1.2.3'})", "Failed to parse ip address"},
        {"db_add('netblock', {value='1.2.3.4/33'})", "Failed to parse ip network"},
        {"db_add('url', {subdomain_id=1, value='a'})", "relative URL without a base"},
        {"db_add('subdomain', {domain_id=2^31, value='a'})", "a 32-bit integer"},
        {"db_add('phonenumber', {value='1'})", "must start with '+'"},
        {"db_add('image', {value='x'})", "Invalid blob reference"},
        {"db_update('email', {id=7.5, value='a'}, {valid=true})", "the entity lacks `id`"},
        {"db_add('device', {value='a', last_seen='now'})", "a time as sn0int_time() returns it"},
        {"db_activity({})", "missing field `topic`"},
        {"db_add('domain', {value='a'})", "Failed to add to database: Database error: \\\"no\\\""},
        {"ratelimit_throttle('k', 1, 1)", "Unexpected error case for ratelimit: no"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char code[160];

        snprintf(code, sizeof code, RUN("%s assert(last_err())"), wrong[i][0]);
        expect(code, "{\"Err\":\"no\"}", 1, false, wrong[i][1]);
    }
}

static void test_waits(void)
{
    expect(RUN("sleep(2)"), NULL, 0, true, "{\"Sleep\":{\"secs\":2,\"nanos\":0}}\n");
    expect(RUN("sleep(-1)"), NULL, 1, false, "bad argument #1 to 'sleep'");
    expect(RUN("ratelimit_throttle('k', 1, 250)"), "{\"Ok\":\"Pass\"}", 0, true,
           "{\"Ratelimit\":{\"key\":\"k\",\"passes\":1,\"time\":250}}\n");
    expect(RUN("ratelimit_throttle('k', -1, 250)"), NULL, 1, false, "bad argument #2");
}

/* Where memory is short for a library, garbage is collected before the run ends. */
static void test_short(void)
{
    static const char *const calls[] = {"regex_find('(?:a|b)*[cd]', s)", "xml_decode(x)"};

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char code[512];

        snprintf(
            code, sizeof code,
            RUN("local s, x = ('ab'):rep(100000), '<a b=\"' .. ('x'):rep(4000000) .. '\"/>'"
                " local k = {} pcall(function() for i = 1, 64 do k[i] = {('k'):rep(400000 + i)} "
                "end end)"
                " collectgarbage() setmetatable({}, {__gc = function() info('collected') end}) %s"),
            calls[i]);
        expect(code, NULL, 1, false,
               "{\"Log\":{\"Info\":\"\\\"collected\\\"\"}}\n{\"Limit\":{\"name\":\"memory\"");
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    box_find(argv[0], "runbox-sn0int");
    expect(read_script("tests/unit/lua/sandbox.lua"), NULL, 0, true,
           "{\"Log\":{\"Info\":\"\\\"all\\\"\"}}\n");
    test_shown();
    test_ends();
    test_entities();
    test_updates();
    test_refused();
    test_waits();
    test_short();
    return done();
}
