/* The real runbox-lua, from setup to exit, behind the filter of profile compute: language, codec,
 * streams, box.*, modules, errors and limits. Scripts longer than a few lines are in
 * tests/unit/lua/. */
#include "tests/unit/script_box.h"

#include <fcntl.h>

#include "tests/unit/tap.h"

static char script[1 << 16];

static const char *read_script(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, script, sizeof script - 1);

    script[n > 0 ? n : 0] = 0;
    if (fd >= 0)
        close(fd);
    return script;
}

/* Run JOB; it must end with status WANT, all these texts in its lines, and no forbidden system
 * call. */
static void expect(const char *name, const struct job *job, int want, const char *const texts[])
{
    struct outcome o = box_run(job);

    ok(outcome_exit(&o) == want && o.syscall < 0, "%s: status %d (%d), syscall %d", name,
       outcome_exit(&o), want, o.syscall);
    for (; *texts; texts++)
        if (!ok(outcome_has(&o, *texts), "%s: %s", name, *texts))
            printf("# %.2000s\n", o.lines);
    outcome_free(&o);
}

#define LUA(text) .sources = {{"main.lua", text, 0}}
#define EXPECT(name, want, how, ...) \
    expect(name, &(struct job)how, want, (const char *const[]){__VA_ARGS__, NULL})
#define JOB(...) {__VA_ARGS__}

static void test_files_of_lua(void)
{
    EXPECT("language", 0, JOB(LUA(read_script("tests/unit/lua/language.lua"))),
           "{\"Stdio\":{\"Write\":\"ok\\t1\\t2.5\\tnil\\ttrue\\n\"}}\n{\"Stdio\":{\"Write\":\"a12."
           "5\\n\"}}\n",
           "{\"Log\":{\"Warn\":\"careful\"}}", "{\"Log\":{\"Warn\":\"w1w2\"}}",
           "error in __gc (main.lua:");
    EXPECT("json", 0, JOB(LUA(read_script("tests/unit/lua/json.lua"))), "\"ok\\n\"");
    EXPECT("stdio", 0,
           JOB(LUA(read_script("tests/unit/lua/stdio.lua")),
               .input = "42 -1.5e3\nline two\nabcdef\nl1\nl2\nstop\nrest1\nrest2"),
           "{\"Write\":\"[l1]\\n\"}", "this box cannot open files", "\xe2\x82\xac\xef\xbf\xbd\\n",
           "\"5000\\n\"");
}

static void test_library(void)
{
    struct job job = {.sources = {{"main.lua", read_script("tests/unit/lua/library.lua"), 0},
                                  {"lib/a.lua", "return 'a'", 0},
                                  {"conf.lua", "#!/usr/bin/lua\nx = 7 return 1, 2, 3", 0},
                                  {"binary.lua", "\x1bLua", 0},
                                  {"bad.lua", "\nx =", 0},
                                  {"raises.lua", "error('out')", 0},
                                  {"yields.lua", "return coroutine.yield(1) + 1", 0},
                                  {"box/std/none.lua", "return 'the bundle'", 0}},
                      .input = "return 'from standard input'"};

    expect("library", &job, 0, (const char *const[]){"library ok\\n", NULL});
    job.instructions = 1000000000;
    expect("library, instructions limited", &job, 0, (const char *const[]){"library ok\\n", NULL});
    job.sources[0].text = read_script("tests/unit/lua/std.lua");
    expect("box.std, instructions limited", &job, 0, (const char *const[]){"std ok\\n", NULL});
    job.instructions = 0;
    expect("box.std", &job, 0, (const char *const[]){"std ok\\n", NULL});
}

static void test_results(void)
{
    EXPECT("entry", 0,
           JOB(LUA("function run(arg) return {arg.x + 1, box.options.n} end return 5"),
               .start = "{\"arg\":{\"x\":41},\"options\":{\"n\":2.5},\"seed\":-1}"),
           "{\"Result\":[42,2.5]}\n{\"Exit\":\"Ok\"}\n");
    EXPECT("value of main", 0, JOB(LUA("return {b = 1, a = box.null, c = {}}")),
           "{\"Result\":{\"a\":null,\"b\":1,\"c\":{}}}\n{\"Exit\":\"Ok\"}\n");
    EXPECT("no entry", 1, JOB(LUA("return 1"), .entry = "go", .flags = SETUP_ENTRY_NAMED),
           "the entry \\\"go\\\" named in manifest.json");
    EXPECT("NUL", 0, JOB(LUA("return {'a\\0'}")), "{\"Result\":[\"a\\u0000\"]}");
    EXPECT("NUL in a name", 1, JOB(LUA("return {b = {['a\\0c'] = 1}}")),
           "result.b.a: a member's name holds a NUL, which the wire does not carry");
    EXPECT("NUL in text", 0, JOB(LUA("print('a\\0b', box.json.encode('\\0'))")),
           "a\\u0000b\\t\\\"\\\\u0000\\\"\\n");
    EXPECT("no form", 1, JOB(LUA("return {a = {print}}")),
           "result.a[1]: a function has no JSON form");
    EXPECT("too long", 1, JOB(LUA("return ('x'):rep(5000)"), .line_max = 4096),
           "do not fit in a line of 4096");
}

static void test_exports(void)
{
    static const char start[] = "{\"arg\":{\"x\":[1]},\"export\":\"f\",\"seed\":7}";
    static const char few[] = "{\"arg\":1,\"export\":\"f\",\"instructions\":5000}";
    static const char many[] = "{\"arg\":1,\"export\":\"f\",\"instructions\":100000}";
    static const char loop[] =
        "return {f = coroutine.wrap(function() for i = 1, 10000 do end return 'done' end)}";

    EXPECT("a member", 0,
           JOB(LUA("function run() return 0 end function f() return 1 end\n"
                   "return {f = function(a, ...) return {a.x[1], box.arg.x[1], select('#', ...)} "
                   "end}"),
               .start = start),
           "{\"Result\":[1,1,0]}\n{\"Exit\":\"Ok\"}\n");
    EXPECT("a global", 0, JOB(LUA("function f(a) return a.x end return {g = 1}"), .start = start),
           "{\"Result\":[1]}\n");
    EXPECT("neither", 1, JOB(LUA("function run() end"), .start = start),
           "export \\\"f\\\": there is no global function of that name, and main.lua returns no "
           "table, but nothing");
    EXPECT("an error on the way", 1,
           JOB(LUA("return setmetatable({}, {__index = function(t, k) error(k) end})"),
               .start = start),
           "export \\\"f\\\": main.lua:1: f\\nstack traceback:",
           "{\"Exit\":{\"Err\":\"export \\\"f\\\": main.lua:1: f\"}}\n");
    EXPECT("an error with a NUL", 1,
           JOB(LUA("return setmetatable({}, {__index = function() error('a\\0b', 0) end})"),
               .start = start),
           "{\"Exit\":{\"Err\":\"export \\\"f\\\": a\\u0000b\"}}\n");
    EXPECT(
        "one that was caught", 1,
        JOB(LUA("return setmetatable({}, {__index = function(t, k) pcall(error) return function() "
                "error('late') end end})"),
            .start = start),
        "{\"Exit\":{\"Err\":\"main.lua:1: late\"}}\n");
    EXPECT("instructions, from a start line", 1, JOB(LUA(loop), .start = few),
           "{\"Limit\":{\"name\":\"instructions\"");
    EXPECT("enough of them", 0, JOB(LUA(loop), .start = many), "{\"Result\":\"done\"}\n");
    EXPECT("fewer than the setup's", 1, JOB(LUA(loop), .start = few, .instructions = 1000000),
           "{\"Limit\":{\"name\":\"instructions\"");
    EXPECT("the setup's are fewer", 1, JOB(LUA(loop), .start = many, .instructions = 5000),
           "{\"Limit\":{\"name\":\"instructions\"");
}

static void test_errors(void)
{
    EXPECT("error", 1, JOB(LUA("local function f() error('boom') end\nf()")),
           "{\"Log\":{\"Debug\":\"main.lua:1: boom\\nstack traceback:",
           "{\"Exit\":{\"Err\":\"main.lua:1: boom\"}}\n");
    EXPECT("table", 1, JOB(LUA("\nerror({})")),
           "{\"Err\":\"main.lua:2: (error object is a table value)\"}");
    EXPECT("tostring", 1,
           JOB(LUA("error(setmetatable({}, {__tostring = function() return 'T' end}))")),
           "{\"Exit\":{\"Err\":\"T\"}}");
    EXPECT("bad tostring", 1, JOB(LUA("error(setmetatable({}, {__tostring = error}))")),
           "{\"Exit\":{\"Err\":");
    EXPECT("bytecode", 1, JOB(LUA("\x1bLua")),
           "{\"Exit\":{\"Err\":\"main.lua: bytecode: a box loads text only\"}}");
    EXPECT("syntax", 1, JOB(LUA("#!/usr/bin/lua\nx =")), "{\"Exit\":{\"Err\":\"main.lua:2: ");
    EXPECT("memory", 1, JOB(LUA("local t = {} while true do t[#t + 1] = {} end")),
           "{\"Limit\":{\"name\":\"memory\",\"text\":\"not enough memory\"}}\n");
    EXPECT("control characters", 1, JOB(LUA("error('\\27[2J\\xff', 0)")), "\\u001b[2J\xef\xbf\xbd");
    EXPECT("small box", 0, JOB(LUA("print('hello')"), .arena = 512 << 10), "hello\\n");
    EXPECT("too small", 1, JOB(LUA("print('hello')"), .arena = 4096), "too little memory\n");
}

/* 0x00 to 0xff, in base64. */
#define EVERY_BYTE                                                                     \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7" \
    "PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3" \
    "eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKz" \
    "tLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v" \
    "8PHy8/T19vf4+fr7/P3+/w=="

static void test_box(void)
{
    EXPECT("call", 0,
           JOB(LUA("local r = box.call('m', {1}) print(r.a[2], box.json.encode(r))"),
               .calls = {"n", "m"}, .reply = "{\"Ok\":{\"a\":[1,null],\"b\":[]}}"),
           "{\"Call\":{\"method\":\"m\",\"params\":[1]}}",
           "null\\t{\\\"a\\\":[1,null],\\\"b\\\":[]}");
    EXPECT("call refused", 0, JOB(LUA("print(pcall(box.call, 'm'))"), .calls = {"n"}),
           "method \\\"m\\\" is not listed");
    EXPECT("call fails", 0,
           JOB(LUA("print(pcall(box.call, 'n'))"), .calls = {"n"}, .reply = "{\"Err\":\"no\"}"),
           "false\\tno\\n");
    EXPECT("keyring", 0,
           JOB(LUA("local k = box.keyring('aws') print(#k, k[1].access_key, k[1].secret_key, "
                   "k[1].namespace)"
                   " print(pcall(box.keyring, 'x'))"),
               .start = "{\"keyring\":[{\"namespace\":\"aws\",\"access_key\":\"A\",\"secret_key\":"
                        "\"S\"}]}"),
           "1\\tA\\tS\\tnil\\n", "--grant keyring:x");
    EXPECT("log", 0, JOB(LUA("box.log.info('a', 1) box.log.status(nil)")),
           "{\"Log\":{\"Info\":\"a\\t1\"}}", "{\"Log\":{\"Status\":\"nil\"}}");
    EXPECT("one call of io.stderr:write is one event", 0,
           JOB(LUA("io.stderr:write('a ', 1.0, '\\n', 2, '\\n') io.stderr:write('part') "
                   "io.stderr:write('', '') io.stderr:write() io.stderr:write('\\n')")),
           "{\"Log\":{\"Warn\":\"a 1\\n2\"}}\n{\"Log\":{\"Warn\":\"part\"}}\n"
           "{\"Log\":{\"Warn\":\"\"}}\n{\"Exit\"");
    EXPECT("artifact", 0,
           JOB(LUA("box.artifact('a.bin', ('\\0\\255x'):rep(2000)) print(pcall(box.artifact, "
                   "'../x', ''))"),
               .line_max = 4096),
           "{\"Artifact\":{\"name\":\"a.bin\",\"data\":\"AP94AP94", "\",\"more\":true}}\n",
           "false\\tbad argument");
    EXPECT("env", 0, JOB(LUA("print(os.getenv('K'), os.getenv('PATH'))"), .env = {"K", "v"}),
           "v\\tnil\\n");
    EXPECT("base64", 0, JOB(LUA("io.write('a\\xff\\n')"), .start = "{\"encoding\":\"base64\"}"),
           "\"Yf8K\"");
    EXPECT("base64 of every byte, in pieces that end at no character", 0,
           JOB(LUA("local all = {} for b = 0, 255 do all[#all + 1] = string.char(b) end "
                   "all = table.concat(all) io.write(all) io.stdout:flush() io.write(all:rep(40))"),
               .start = "{\"encoding\":\"base64\"}", .line_max = 4096),
           "{\"Stdio\":{\"Write\":\"" EVERY_BYTE "\"}}\n");
    EXPECT("base64 of every byte read", 0,
           JOB(LUA("for b = 0, 255 do assert(io.read(1) == string.char(b), b) end "
                   "print(io.read('a'))"),
               .start = "{\"encoding\":\"base64\"}", .input = EVERY_BYTE),
           "\"Cg==\"");
}

/* Profile files: without a filter here, since which calls it has is the monitor's to say. */
static void test_files(void)
{
    EXPECT("files", 0,
           JOB(LUA("local n = '/tmp/script_run.' .. os.time() local f = io.open(n, 'w') "
                   "f:write('one\\n2 three\\n')"
                   " f:close() io.input(n) print(io.read('L', 'n')) io.input(io.stdin) "
                   "print(io.read())"
                   " for l in io.lines(n) do print('<' .. l .. '>') end f = io.open(n)"
                   " print(io.type(f), io.type(io.stdout), getmetatable(f), io.popen, io.tmpfile, "
                   "os.remove)"
                   " io.output(n) io.write('') io.output(io.stdout) print(pcall(io.input, "
                   "'/none/x'))"),
               .flags = SETUP_FILES, .no_filter = true, .input = "in\n"),
           "one\\n\\t2\\n", "\"in\\n\"", "<2 three>", "file\\tfile\\tfalse\\tnil\\tnil\\tnil\\n",
           "cannot open file '/none/x' (No such");
}

static void test_require(void)
{
    struct job job = {
        .sources = {{"main.lua",
                     "local a, p = require('lib.a') assert(a.x == 1 and p == 'lib/a.lua')\n"
                     "assert(require('lib.a') == a and select(2, require('d')) == 'd/init.lua')\n"
                     "print(pcall(require, 'c')) print(pcall(require, 'none'))\n"
                     "print(pcall(require, 'bad')) print(pcall(require, 'bad'))\n"
                     "package.preload.p = function(...) return ... end assert(require 'p' == 'p')\n"
                     "for w in ('io os box'):gmatch('%S+') do print(w) end require('lib.fail')",
                     0},
                    {"lib/a.lua", "return {x = 1}", 0},
                    {"d/init.lua", "return ...", 0},
                    {"c.lua", "require 'c2'", 0},
                    {"c2.lua", "require 'c'", 0},
                    {"bad.lua", "error('bad')", 0},
                    {"lib/fail.lua", "\nerror('deep')", 0}}};

    expect("require", &job, 1,
           (const char *const[]){"module 'c' requires itself",
                                 "has neither none.lua nor none/init.lua",
                                 "{\"Stdio\":{\"Write\":\"false\\tbad.lua:1: bad\\n\"}}\n"
                                 "{\"Stdio\":{\"Write\":\"false\\tbad.lua:1: bad\\n\"}}\n",
                                 "{\"Exit\":{\"Err\":\"lib/fail.lua:2: deep\"}}", NULL});
}

/* How many rounds of SCRIPT, which prints "x\n" for each, fit in N instructions. */
static long rounds(const char *text, uint64_t n)
{
    struct job job = {LUA(text), .instructions = n};
    struct outcome o = box_run(&job);
    long count = 0;

    if (!outcome_has(&o, "{\"Limit\":{\"name\":\"instructions\"") || outcome_exit(&o) != 1)
        count = -1000;
    for (const char *p = o.lines; (p = strstr(p, "\"x\\n\"")); p++)
        count++;
    outcome_free(&o);
    return count;
}

/* A round is 10 000 turns of an empty loop (10 000 instructions and a few), done in different ways.
 */
static void test_instructions(void)
{
    static const char *const ways[][2] = {
        {"a plain loop", "while true do for i = 1, 10000 do end print('x') end"},
        {"fresh coroutines",
         "local function f() for i = 1, 500 do end end while true do for i = 1, 20 do "
         "coroutine.wrap(f)() end print('x') end"},
        {"resumed ones",
         "local co = coroutine.create(function() while true do for i = 1, 500 do end "
         "coroutine.yield() end end) while true do for i = 1, 20 do "
         "coroutine.resume(co) end print('x') end"},
        {"pcall", "while true do pcall(function() for i = 1, 10000 do end end) print('x') end"},
        {"finalizers",
         "while true do setmetatable({}, {__gc = function() for i = 1, 10000 do end end}) "
         "collectgarbage() print('x') end"},
        {"finalizers put in later",
         "while true do local mt = {__gc = true} setmetatable({}, mt) mt.__gc = "
         "function() for i = 1, 10000 do end end mt = nil collectgarbage() "
         "print('x') end"},
        {"coroutine.close",
         "local mt = {__close = function() for i = 1, 10000 do end end} while true do local "
         "co = coroutine.create(function() local c <close> = setmetatable({}, mt) "
         "coroutine.yield() end) coroutine.resume(co) coroutine.close(co) print('x') end"},
        {"table.sort",
         "local t = {1, 2} while true do table.sort(t, function(a, b) for i = 1, 10000 do end "
         "return a < b end) print('x') end"},
    };

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        long count = rounds(ways[i][1], 2000000);

        ok(count >= 190 && count <= 200, "2 000 000 instructions, %s: %ld rounds", ways[i][0],
           count);
    }
    ok(rounds("pcall(function() while true do end end) print('x')", 1000000) == 0,
       "pcall does not catch it");
    ok(rounds("setmetatable({}, {__gc = function() while true do end end}) collectgarbage() "
              "print('x')",
              1000000) == 0,
       "nor does a finalizer outlive it");
    EXPECT("enough", 0, JOB(LUA("for i = 1, 100000 do end"), .instructions = 100100),
           "{\"Exit\":\"Ok\"}");
    EXPECT("not enough", 1, JOB(LUA("for i = 1, 100000 do end"), .instructions = 100000),
           "{\"Limit\"");
}

static void test_wire(void)
{
    struct job job = {LUA("print(('\\27'):rep(20000)) io.write(('\xc3\xa9'):rep(20000)) "
                          "box.log.info(('\"'):rep(9000))"),
                      .line_max = 4096};
    struct outcome o = box_run(&job);

    ok(o.longest <= 4096 && o.longest > 4000, "long texts are cut to lines: %zu", o.longest);
    ok(!outcome_has(&o, "\xef\xbf\xbd"), "between characters");
    outcome_free(&o);
    EXPECT("malformed setup", 125, JOB(LUA("x"), .line_max = 1),
           "failed: the setup is not of this version\n");
    EXPECT("malformed texts, behind the filter", 1, JOB(LUA("x"), .bad_texts = 1),
           "{\"Exit\":{\"Err\":\"the setup is malformed\"}}\n");
}

int main(int argc, char **argv)
{
    (void)argc;
    box_find(argv[0], "runbox-lua");
    test_files_of_lua();
    test_library();
    test_results();
    test_exports();
    test_errors();
    test_box();
    test_files();
    test_require();
    test_instructions();
    test_wire();
    return done();
}
