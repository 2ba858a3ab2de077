"""What secrets look like: the shapes of tokens, and the names that tell of them."""

import math
import re
from collections import Counter
from itertools import pairwise

#: Tokens that are known by their own shape, by the rule's name.
TOKENS = {
    "github-token": r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})",
    "gitlab-token": r"\bgl(?:pat|ptt|rt|dt|ft|imt|agent|oas|soat|cbt)-[A-Za-z0-9_.-]{18,}",
    "bitbucket-token": r"\bATBB[A-Za-z0-9]{28,}",
    "atlassian-token": r"\bATATT3[A-Za-z0-9_=-]{40,}",
    "huggingface-token": r"\b(?:hf|api_org)_[A-Za-z0-9]{30,}",
    "provider-key": (
        r"\bsk-(?:(?:ant|proj|svcacct|admin|or|lf)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,}"
        r"|(?=[\w-]{0,40}[A-Z])(?=[\w-]{0,40}\d)[A-Za-z0-9_-]{32,})"
    ),
    "replicate-token": r"\br8_[A-Za-z0-9]{30,}",
    "groq-key": r"\bgsk_[A-Za-z0-9]{40,}",
    "xai-key": r"\bxai-[A-Za-z0-9]{40,}",
    "perplexity-key": r"\bpplx-[A-Za-z0-9]{40,}",
    "aws-key-id": r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    "google-key": r"\bAIza[A-Za-z0-9_-]{35}",
    "google-oauth": r"\b(?:ya29\.[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{24,})",
    "slack-token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "slack-webhook": r"\bhooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,}",
    "discord-webhook": r"\bdiscord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]{30,}",
    "teams-webhook": r"\bwebhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{40,}",
    "telegram-token": r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,}",
    "stripe-key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{20,}",
    "twilio-key": r"\bSK[0-9a-f]{32}\b",
    "sendgrid-key": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{30,}",
    "mailgun-key": r"(?<![\w-])key-[0-9a-f]{32}\b",
    "package-token": r"\b(?:pypi|npm)[-_][A-Za-z0-9_-]{36,}",
    "docker-token": r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}",
    "digitalocean-token": r"\bdo[oprt]_v1_[0-9a-f]{60,}",
    "databricks-token": r"\bdapi[0-9a-f]{32}\b",
    "dropbox-token": r"\bsl\.[A-Za-z0-9_-]{60,}",
    "linear-key": r"\blin_(?:api|oauth)_[A-Za-z0-9]{32,}",
    "notion-token": r"\b(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}\b)",
    "vault-token": r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}",
    "terraform-token": r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}",
    "grafana-token": r"\bgl(?:c|sa)_[A-Za-z0-9_+/=]{32,}",
    "new-relic-key": r"\bNRAK-[A-Z0-9]{27}",
    "shopify-token": r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "planetscale-token": r"\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,}",
    "wandb-key": r"\bwandb_v\d_[A-Za-z0-9_]{40,}",
    "nvidia-key": r"\bnvapi-[A-Za-z0-9_-]{40,}",
    "runpod-key": r"\brpa_[A-Z0-9]{36,}",
    "lambda-key": r"\bsecret_[\w-]{1,60}_[0-9a-f]{32}\.[A-Za-z0-9]{3,}",
    "fireworks-key": r"\bfw_(?=[A-Za-z]*\d)[A-Za-z0-9]{22,}",
    "langsmith-key": r"\blsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{8,}",
    "pinecone-key": r"\bpcsk_[A-Za-z0-9_]{40,}",
    "search-key": r"\b(?:tvly-[A-Za-z0-9-]{30,}|jina_[A-Za-z0-9_-]{40,})",
    "cerebras-key": r"\bcsk-[a-z0-9]{40,}",
    "tailscale-key": r"\btskey-[a-z]{2,10}-[A-Za-z0-9]{8,}-[A-Za-z0-9]{20,}",
    "age-key": r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}",
    "jwt": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    "azure-signature": r"(?<=[?&]sig=)[A-Za-z0-9%+/=]{20,}",
}
#: What a token of each rule holds whatever else it is: a text without it is done with quickly.
TOKEN_HINTS = {
    "github-token": "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
    "gitlab-token": "glpat- glptt- glrt- gldt- glft- glimt- glagent- gloas- glsoat- glcbt-",
    "bitbucket-token": "ATBB",
    "atlassian-token": "ATATT3",
    "huggingface-token": "hf_ api_org_",
    "provider-key": "sk-",
    "replicate-token": "r8_",
    "groq-key": "gsk_",
    "xai-key": "xai-",
    "perplexity-key": "pplx-",
    "aws-key-id": "AKIA ASIA ABIA ACCA",
    "google-key": "AIza",
    "google-oauth": "ya29. GOCSPX-",
    "slack-token": "xoxa xoxb xoxe xoxo xoxp xoxr xoxs",
    "slack-webhook": "hooks.slack.com",
    "discord-webhook": "api/webhooks",
    "teams-webhook": "webhookb2",
    "telegram-token": ":AA",
    "stripe-key": "k_live_ k_test_",
    "twilio-key": "SK",
    "sendgrid-key": "SG.",
    "mailgun-key": "key-",
    "package-token": "pypi npm",
    "docker-token": "dckr_",
    "digitalocean-token": "_v1_",
    "databricks-token": "dapi",
    "dropbox-token": "sl.",
    "linear-key": "lin_",
    "notion-token": "ntn_ secret_",
    "vault-token": "hvs. hvb. hvr.",
    "terraform-token": "atlasv1",
    "grafana-token": "glc_ glsa_",
    "new-relic-key": "NRAK-",
    "shopify-token": "shpat_ shpca_ shppa_ shpss_",
    "planetscale-token": "pscale_",
    "wandb-key": "wandb_v",
    "nvidia-key": "nvapi-",
    "runpod-key": "rpa_",
    "lambda-key": "secret_",
    "fireworks-key": "fw_",
    "langsmith-key": "lsv2_",
    "pinecone-key": "pcsk_",
    "search-key": "tvly- jina_",
    "cerebras-key": "csk-",
    "tailscale-key": "tskey-",
    "age-key": "AGE-SECRET-KEY",
    "jwt": "eyJ",
    "azure-signature": "sig=",
}

_STRONG_WORDS = frozenset(
    "apikey credential credentials passphrase passwd password passcode pw pwd secret "
    "secrets".split()
)
_WEAK_WORDS = frozenset("auth authorization bearer cookie".split())
_FIRST = (
    "access account api app auth aws bearer bot client consumer database db deploy encryption "
    "github gitlab hf hub huggingface master openai anthropic private pypi npm refresh registry "
    "sas secret service session shared signing slack storage user wandb webhook"
).split()
_STRONG_PAIRS = frozenset(f"{first} {last}" for first in _FIRST for last in ("key", "token"))
_STRONG_PAIRS -= {"user key", "session key", "consumer key", "database key"}  # keys of tables
#: A name that ends so tells of something else than the secret itself.
_ABOUT = frozenset(
    "count counts dim dims dir enabled env field fields file flag flags id ids len length method "
    "mode name names path policy prompt required size type types url".split()
)
#: "token" alone names counts, vocabularies and markers far more often than a secret.
_MARKERS = frozenset(
    "pad padding bos eos unk sep cls mask special image video audio start end begin stop first "
    "last next prev decoder encoder forced prefix suffix middle per max min num new n "
    "newline".split()
)
_TOKEN_NAME = re.compile(r"(^|[^a-z])token$", re.IGNORECASE)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLACEHOLDER = re.compile(
    r"(?i)<.*>|\[.*\]|\{.*\}|\$\{?\w+\}?|%\(\w+\)s|[x*.•-]{3,}|none|null|true|false|yes|no|"
    r"changeme|required|optional|your[-_ ].*|env:.*|str|string|bytes|int|basic|"
    r"bearer|oauth2?|default|auto|default_.*|\d{1,3}"
)
_RANDOM_LENGTH, _RANDOM_BITS = 8, 2.5
_LONG, _LONG_BITS = 20, 3.0


def telling(name: str) -> str | None:
    """
    Tell how surely a name tells of a secret: "strong", "weak", or None.

    Under a strong name every text is one; under a weak name only what looks random.

    Examples
    --------
    >>> [telling(n) for n in ("db_password", "HF_TOKEN", "token", "auth", "pad_token", "lr")]
    ['strong', 'strong', 'strong', 'weak', None, None]
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _ABOUT:
        return None
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    if _STRONG_WORDS.intersection(words) or pairs & _STRONG_PAIRS:
        return "strong"
    if words[-1] == "token" and _TOKEN_NAME.search(name.replace("-", "_")):
        return None if _MARKERS.intersection(words) else "strong"
    return "weak" if _WEAK_WORDS.intersection(words) else None


def is_placeholder(value: str) -> bool:
    """
    Tell whether a value stands for a secret and is none.

    Examples
    --------
    >>> [is_placeholder(v) for v in ("", "<your key>", "${API_KEY}", "xxxx", "hunter2")]
    [True, True, True, True, False]
    """
    return not value or _PLACEHOLDER.fullmatch(value) is not None


def is_folder(name: str, value: str) -> bool:
    """
    Tell whether a value under a telling name is the folder that a shell stands in.

    Examples
    --------
    >>> is_folder("PWD", "/home/ada/run1"), is_folder("PWD", "s3cr3t"), is_folder("pw", "/x1")
    (True, False, False)
    """
    return name.lower() == "pwd" and value.startswith("/")


def looks_random(value: str) -> bool:
    """
    Tell whether a value looks made by a machine, or chosen as a password.

    Letters and digits together, with 2.5 bits of entropy a character; from 20 characters on,
    with 3 bits, letters of both cases will do.

    References
    ----------
    Shannon, "A Mathematical Theory of Communication", 1948: entropy of the value's own characters.

    Examples
    --------
    >>> [looks_random(v) for v in ("s3cr3tPa55", "basic", "tokenizer_fast", "aaaaaaaa1")]
    [True, False, False, False]
    """
    if len(value) < _RANDOM_LENGTH:
        return False
    digits = any(c.isdigit() for c in value)
    letters = any(c.isalpha() for c in value)
    bits = entropy(value)
    if digits and letters:
        return bits >= _RANDOM_BITS
    mixed = value.lower() != value and value.upper() != value and "_" not in value
    return len(value) >= _LONG and bits >= _LONG_BITS and mixed


def entropy(value: str) -> float:
    """
    Return the entropy of a text's characters, in bits a character.

    Examples
    --------
    >>> entropy("abab")
    1.0
    """
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
