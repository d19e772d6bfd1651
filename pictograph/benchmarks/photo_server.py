"""A photo account to measure with, served: `python -m pictograph.benchmarks.photo_server PHOTOS BYTES`."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PAGE = 200
JPEG = b"\xff\xd8\xff\xe0"  # enough for what looks like one; no worker reads these files


def serve(photos: int, size_bytes: int) -> None:
    """List so many photos, and give files of that size, each different; says its address first."""
    rest = os.urandom(size_bytes)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            _, kind, number = urlsplit(self.path).path.split("/")
            content = file(int(number)) if kind == "file" else page(int(number))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    def file(n: int) -> bytes:
        return JPEG + n.to_bytes(8) + rest[12:]

    def page(first: int) -> bytes:
        after = min(first + PAGE, photos)
        told = {"items": list(range(first, after)), "next": str(after) if after < photos else "", "total": photos}
        return json.dumps(told).encode()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
