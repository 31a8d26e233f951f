"""What errors of an object store mean, in words, and which of them pass by waiting."""

from __future__ import annotations

from http import HTTPStatus

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ProfileNotFound,
)

from runs.errors import FileBroken, StoreTrouble

KEYS = "AI_ARTIST_S3_ACCESS_KEY and AI_ARTIST_S3_SECRET_KEY"
RIGHTS = "GetObject, PutObject, DeleteObject and ListBucket"
# By the store's code: what is wrong, and what to do.
WORDS = {
    "NoSuchBucket": ("there is no bucket {bucket}", "Make it, or correct AI_ARTIST_S3_BUCKET."),
    "InvalidBucketName": ("{bucket} is no name of a bucket", "Correct AI_ARTIST_S3_BUCKET."),
    "InvalidAccessKeyId": ("it does not know the access key", f"Correct {KEYS}."),
    "SignatureDoesNotMatch": (
        "the secret key is wrong, or the region is",
        f"Correct {KEYS}, then AI_ARTIST_S3_REGION.",
    ),
    "RequestTimeTooSkewed": (
        "the clocks of this machine and of the store differ too much",
        "Synchronise this machine's clock (NTP).",
    ),
    "AccessDenied": ("the key has no right to do this", f"Give it {RIGHTS} on {{bucket}}."),
    "BadDigest": ("a file arrived damaged", "Look for a faulty network or memory."),
    "AuthorizationHeaderMalformed": (
        "the region is wrong",
        "Correct AI_ARTIST_S3_REGION; the store's answer names the right one.",
    ),
    "PermanentRedirect": ("the bucket lies elsewhere", "Correct AI_ARTIST_S3_ENDPOINT."),
}
# A HEAD has no body, so that these are all it tells.
CODES = {"403": "AccessDenied", "404": "NoSuchBucket"}
SAME = {
    "XAmzContentSHA256Mismatch": "BadDigest",
    "XAmzContentChecksumMismatch": "BadDigest",
    "InvalidDigest": "BadDigest",
    "AllAccessDisabled": "AccessDenied",
    "AccessForbidden": "AccessDenied",
    "AuthorizationQueryParametersError": "AuthorizationHeaderMalformed",
}
PASSING = {"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling"}


class Broken(Exception):
    """A file came with another content than it was stored with."""


def passes(error: Exception) -> bool:
    """Whether waiting may help: the store is busy, or the network failed."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        busy = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
        return busy or status == HTTPStatus.TOO_MANY_REQUESTS or code_of(error) in PASSING
    return isinstance(error, HTTPClientError | IncompleteReadError | Broken)


def code_of(error: ClientError) -> str:
    code = str(error.response.get("Error", {}).get("Code", ""))
    code = CODES.get(code, code)
    return SAME.get(code, code)


def trouble_of(error: Exception, bucket: str) -> StoreTrouble:
    """What an error means, for the operator."""
    if isinstance(error, Broken):
        return FileBroken(str(error), "Look into the store's log; restore the file.")
    cause, advice = (text.format(bucket=bucket) for text in _words(error))
    return StoreTrouble(f"Object store: {cause}.", advice)


def _words(error: Exception) -> tuple[str, str]:
    if isinstance(error, ClientError):
        code = code_of(error)
        if passes(error):
            return "it is too busy or fails", "It is asked again by itself; look at its state."
        return WORDS.get(code, (f"it answers {code or 'nothing known'}", "Look into its manual."))
    if isinstance(error, ProfileNotFound):
        return "there is no such profile", "Look into ~/.aws/config."
    if isinstance(error, NoCredentialsError):
        return "there are no keys", f"Set {KEYS}."
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return "it cannot be reached", "Check AI_ARTIST_S3_ENDPOINT and the network."
    if isinstance(error, HTTPClientError | IncompleteReadError):
        return "the connection failed", "Check AI_ARTIST_S3_ENDPOINT and the network."
    if isinstance(error, BotoCoreError):
        return "the settings do not fit", "Check the AI_ARTIST_S3_ settings."
    return type(error).__name__, ""
