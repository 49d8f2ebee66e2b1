"""The API reference as one page: rendered here, without scripts, nothing from elsewhere."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any

from helpdesk_mcp.web.problems import TITLES

Schema = dict[str, Any]


def page(api: Schema) -> str:
    """Return the OpenAPI document as HTML."""
    rows = [
        (path, method, row) for path, rows in api["paths"].items() for method, row in rows.items()
    ]
    tags = [tag["name"] for tag in api["tags"]]
    grouped = {tag: [row for row in rows if row[2]["tags"] == [tag]] for tag in tags}
    info = api["info"]
    body = (
        f"<header><h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
        f"<p>{_prose(info['description'])}</p>"
        f"<p>Base address: <code>{escape(api['servers'][0]['url'])}</code>. "
        'For programs: <a href="openapi.json">OpenAPI 3.1</a>.</p></header>'
        f"<main>{''.join(_overview(tag, rows) for tag, rows in grouped.items())}"
        "<h2>In detail</h2>"
        f"{''.join(_operation(api, *row) for rows in grouped.values() for row in rows)}"
        f"{_problems(api)}</main>"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}: REST reference</title>"
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _overview(tag: str, rows: Iterable[tuple[str, str, Schema]]) -> str:
    lines = "".join(
        f'<tr><td>{_method(method)}</td><td><a href="#{row["operationId"]}">'
        f"<code>{escape(path)}</code></a></td><td>{escape(row['summary'])}</td>"
        f"<td>{_scopes(row)}</td></tr>"
        for path, method, row in rows
    )
    return f"<h2>{escape(tag)}</h2>{_table(('', 'Address', 'What it does', 'Scopes'), lines)}"


def _operation(api: Schema, path: str, method: str, row: Schema) -> str:
    inputs = [_parameter(p["name"], p["in"], p["required"], p) for p in row["parameters"]]
    content: Schema = row.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema: Schema = content.get("schema", {})
    for name, part in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        inputs.append(_parameter(name, "body", required, {"schema": part, **part}))
    paragraphs = "".join(f"<p>{_prose(text)}</p>" for text in row["description"].split("\n\n"))
    heads = ("Name", "In", "Type", "Meaning")
    return (
        f'<details id="{row["operationId"]}"><summary>{_method(method)} '
        f"<code>{escape(path)}</code> {escape(row['summary'])}</summary>{paragraphs}"
        f"{_table(heads, ''.join(inputs)) if inputs else ''}"
        f"<h4>Example</h4><pre>{escape(_curl(api, path, method, content))}</pre>"
        f"{_responses(api, row)}</details>"
    )


def _parameter(name: str, where: str, required: bool, about: Schema) -> str:  # noqa: FBT001 -- a column
    mark = " <em>required</em>" if required else ""
    meaning = _prose(about.get("description", ""))
    return (
        f"<tr><td><code>{escape(name)}</code>{mark}</td><td>{escape(where)}</td>"
        f"<td>{escape(_type(about['schema']))}</td><td>{meaning}</td></tr>"
    )


def _type(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(option) for option in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return " | ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    kind = str(schema.get("format") or schema.get("type", "any"))
    most = schema.get("maximum", schema.get("maxLength"))
    bounds = f", at most {most}" if most is not None else ""
    default = f", else {json.dumps(schema['default'])}" if "default" in schema else ""
    return kind + bounds + default


def _curl(api: Schema, path: str, method: str, content: Schema) -> str:
    address = api["servers"][0]["url"] + re.sub(r"\{\w+\}", "42", path)
    lines = [f"curl -X {method.upper()} {address}", '-H "Authorization: Bearer $TOKEN"']
    if content:
        body = json.dumps(content.get("example", {}), ensure_ascii=False).replace("'", "'\\''")
        lines += ['-H "Content-Type: application/json"', f"-d '{body}'"]
    return " \\\n  ".join(lines)


def _responses(api: Schema, row: Schema) -> str:
    done, *failed = row["responses"].items()
    lines = "".join(
        f"<tr><td>{status}</td><td>{_prose(_resolved(api, response)['description'])}</td></tr>"
        for status, response in failed
    )
    example = done[1]["content"]["application/json"].get("example")
    answer = "" if example is None else f"<pre>{escape(json.dumps(example, indent=2))}</pre>"
    return (
        f"<h4>Answer: {done[0]}</h4>{answer}"
        f"<h4>Or a problem</h4>{_table(('Status', 'When'), lines)}"
    )


def _resolved(api: Schema, response: Schema) -> Schema:
    name = response["$ref"].rpartition("/")[2]
    return api["components"]["responses"][name]


def _problems(api: Schema) -> str:
    codes = "".join(
        f'<tr id="{code.value}"><td><code>{code.value}</code></td><td>{escape(title)}</td></tr>'
        for code, title in TITLES.items()
    )
    members = "".join(
        f"<tr><td><code>{name}</code></td><td>{_prose(part.get('description', ''))}</td></tr>"
        for name, part in api["components"]["schemas"]["Problem"]["properties"].items()
    )
    return (
        "<h2>Problems</h2><p>Errors are RFC 9457 documents "
        "(<code>application/problem+json</code>). Their type is one of these:</p>"
        f"{_table(('Code', 'Means'), codes)}<h4>Members</h4>{_table(('Member', 'Holds'), members)}"
    )


def _method(method: str) -> str:
    return f'<b class="{method}">{method.upper()}</b>'


def _codes(words: Iterable[str]) -> str:
    return " ".join(f"<code>{escape(word)}</code>" for word in words)


def _scopes(row: Schema) -> str:
    also = (f"{_codes((scope,))} with {_codes((n,))}" for n, scope in row["x-scopes-if"].items())
    return ", ".join([*(_codes((scope,)) for scope in row["x-required-scopes"]), *also])


def _prose(text: str) -> str:
    """Return text with `code` marked up."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _table(heads: Iterable[str], rows: str) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    return f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>'


_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--ink:#1f6feb}
body{font:16px/1.55 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1.5rem}
h1{margin-bottom:.2rem}h1 small{font-size:.9rem;font-weight:400;opacity:.65}
h2{margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
h4{margin:1.1rem 0 .4rem}a{color:var(--ink);text-decoration:none}a:hover{text-decoration:underline}
code,pre{font:.88em/1.5 ui-monospace,monospace}code{background:var(--soft);border-radius:4px;
padding:.1em .3em}pre{background:var(--soft);border:1px solid var(--line);border-radius:8px;
padding:.8rem;overflow:auto}.wide{overflow-x:auto}code{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;
border-bottom:1px solid var(--line)}th{font-size:.8rem;opacity:.65;font-weight:600}
em{font-size:.75rem;font-style:normal;color:#c2410c}
b{display:inline-block;min-width:3.6rem;text-align:center;
font:600 .75rem/1.6 ui-monospace,monospace;color:#fff;border-radius:4px;background:#1a7f5a}
b.post{background:#1f6feb}b.patch{background:#a15c07}
details{border:1px solid var(--line);border-radius:8px;padding:.5rem .9rem;margin:.5rem 0}
summary{cursor:pointer}details:target,tr:target{outline:2px solid var(--ink)}
@media(max-width:40rem){body{padding:1rem}th{display:none}
tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
td{display:block;border:0;padding:.1rem 0}td:empty{display:none}}
"""

_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
