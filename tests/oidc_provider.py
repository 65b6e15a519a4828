"""A small identity provider in a process of its own; ``mode`` makes it misbehave in one way.

``python -m tests.oidc_provider <port>`` serves the address it calls its issuer. ``POST /mode`` sets what
goes wrong and who comes: everything a test needs, nothing that a real provider would have.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "platform", "a-secret-of-the-tests"


class Provider(BaseHTTPRequestHandler):
    """Metadata, authorisation without a question, tokens, keys."""

    issuer: ClassVar[str] = ""
    key: ClassVar[RSAKey] = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    foreign: ClassVar[RSAKey] = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    mode: ClassVar[dict[str, Any]] = {}
    codes: ClassVar[dict[str, dict[str, str]]] = {}

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Metadata, keys, and the redirect with a code."""
        parts = urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            self.answer(self.metadata())
        elif parts.path == "/keys":
            self.answer({"keys": [self.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            self.authorize({name: values[0] for name, values in parse_qs(parts.query).items()})
        else:
            self.answer({}, 404)

    def do_POST(self) -> None:
        """Tokens for codes; or another mode."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/mode":
            type(self).mode = json.loads(body)
            self.answer({})
        elif self.path == "/token":
            self.token({name: values[0] for name, values in parse_qs(body).items()})
        else:
            self.answer({}, 404)

    def metadata(self) -> dict[str, Any]:
        """What the platform is told of this provider."""
        algorithms = self.mode.get("algorithms", ["RS256"])
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": algorithms,
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> None:
        """Send the visitor back with a code; no question is asked."""
        if asked.get("code_challenge_method") != "S256" or not asked.get("nonce") or not asked.get("state"):
            self.answer({"error": "invalid_request"}, 400)
            return
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"]}
        if self.mode.get("denies"):
            back = {"error": "access_denied", "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def token(self, sent: dict[str, str]) -> None:
        """An identity token for a code, a secret and the verifier that belongs to the challenge."""
        asked = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        given = base64.b64decode(self.headers.get("Authorization", "Basic ").partition(" ")[2]).decode()
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or given != f"{CLIENT}:{SECRET}"
            or sent.get("redirect_uri") != asked["redirect_uri"]
        ):
            self.answer({"error": "invalid_grant"}, 400)
            return
        answer = {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "expires_in": 60}
        if not self.mode.get("silent"):
            answer["id_token"] = self.identity(asked)
        self.answer(answer)

    def identity(self, asked: dict[str, str]) -> str:
        """The signed token, spoiled where the mode says so."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "subject-1",
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.mode.get("claims", {}),
        }
        key = self.foreign if self.mode.get("forged") else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)

    def answer(self, content: dict[str, Any], status: int = 200) -> None:
        """JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(port: int) -> None:
    """Serve until ended; the address is said first."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Provider)
    Provider.issuer = f"http://127.0.0.1:{server.server_port}"
    print(Provider.issuer, flush=True)  # noqa: T201 - the test reads it
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
