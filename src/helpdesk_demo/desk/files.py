"""Small valid files to attach: text, PDF, PNG and a saved e-mail."""

import struct
import zlib
from datetime import datetime
from email.message import EmailMessage

from helpdesk_demo.desk.plans import File


def text_file(name: str, text: str) -> File:
    return File(name=name, mime_type="text/plain", data=text.encode())


def connection_log(name: str, at: datetime, host: str) -> File:
    """Return a short client log around a moment."""
    day = at.strftime("%Y-%m-%d %H:%M")
    lines = (
        f"{day}:02 INFO  connect gateway={host}",
        f"{day}:03 INFO  tunnel up mtu=1400",
        f"{day}:41 WARN  keepalive missed (1/3)",
        f"{day}:51 ERROR peer not responding, closing tunnel",
    )
    return text_file(name, "\n".join(lines) + "\n")


def pdf_file(name: str, lines: list[str]) -> File:
    """Return a one-page PDF with the given lines of text."""
    shown = " ".join(f"({_pdf_escaped(line)}) Tj T*" for line in lines)
    stream = f"BT /F1 12 Tf 72 760 Td 16 TL {shown} ET".encode("cp1252", "replace")
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    body, offsets = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return File(name=name, mime_type="application/pdf", data=bytes(body) + xref + trailer)


def _pdf_escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def png_file(name: str, red: int, green: int, blue: int) -> File:
    """Return a 48 by 32 picture in one colour with a darker frame."""
    width, height = 48, 32
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            framed = x in (0, width - 1) or y in (0, height - 1)
            rows += bytes(value // (3 if framed else 1) for value in (red, green, blue))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, body) for kind, body in chunks)
    return File(name=name, mime_type="image/png", data=data)


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def mail_file(name: str, *, sender: str, recipient: str, subject: str, text: str) -> File:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message.set_content(text)
    return File(name=name, mime_type="message/rfc822", data=message.as_bytes())
