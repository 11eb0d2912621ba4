/* The page's style, light and dark. Colours never carry meaning alone: each has its word beside
 * it. */
#include "runtime/batch/page.h"

void page_style(struct str *out)
{
    str_adds(
        out,
        "<style>\n"
        ":root{color-scheme:light "
        "dark;--ground:#fbfbf9;--text:#1c1f23;--soft:#5c6570;--line:#d9dcd6;"
        "--card:#fff;--ok:#2f7d5b;--error:#c2571a;--limit:#6a4fb3;--breach:#b3243f;--host:#6f7780;"
        "--bar:#3b6ea8}\n"
        "@media(prefers-color-scheme:dark){:root{--ground:#15181b;--text:#e6e8e6;--soft:#9aa4ad;"
        "--line:#31373c;--card:#1c2024;--ok:#5cb88c;--error:#e8935a;--limit:#a58df0;--breach:#"
        "f0708a;"
        "--host:#8d97a0;--bar:#74a7de}}\n"
        "body{margin:0;background:var(--ground);color:var(--text);"
        "font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",sans-serif}\n"
        "main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}\n"
        "h1{font-size:24px;margin:0 0 2px}h2{font-size:17px;margin:34px 0 10px}\n"
        "p{margin:4px 0}.soft{color:var(--soft)}.ended{color:var(--breach);font-weight:600}\n"
        ".facts{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0 0;padding:0}\n"
        ".facts div{background:var(--card);border:1px solid var(--line);border-radius:8px;"
        "padding:10px 16px;min-width:110px}\n"
        ".facts dt{color:var(--soft);font-size:13px}.facts dd{margin:0;font-size:21px;"
        "font-variant-numeric:tabular-nums}\n"
        "table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid "
        "var(--line)}\n"
        "th,td{text-align:left;padding:5px 12px;border-top:1px solid var(--line);"
        "font-variant-numeric:tabular-nums}th{color:var(--soft);font-weight:500;font-size:13px}\n"
        "td.n,th.n{text-align:right}td.id{font-family:ui-monospace,monospace;overflow-wrap:"
        "anywhere}\n"
        "td.share{width:55%}.share i{display:block;height:12px;min-width:2px;border-radius:2px}\n"
        "svg{display:block;width:100%;height:auto;background:var(--card);border:1px solid "
        "var(--line);"
        "border-radius:8px}\n"
        "svg text{fill:var(--soft);font-size:12px}svg line{stroke:var(--line)}.hist "
        "rect{fill:var(--bar)}\n"
        ".two{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:16px}\n"
        "figure{margin:0}figcaption{margin:0 0 "
        "6px}.key{display:inline-block;width:10px;height:10px;"
        "border-radius:2px;margin:0 5px 0 0}.key~.key{margin-left:16px}\n"
        ".ok{fill:var(--ok);background:var(--ok)}.error{fill:var(--error);background:var(--error)}"
        ".limit{fill:var(--limit);background:var(--limit)}"
        ".breach{fill:var(--breach);background:var(--breach)}.host{fill:var(--host);background:var("
        "--host)}\n"
        "</style>\n");
}
