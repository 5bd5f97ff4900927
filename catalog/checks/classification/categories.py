"""The categories of personal data: tags named `pii/<category>`, and what holds of their names.

Source: GDPR Art. 4(1), 4(13)-(15), 9(1), 10; CCPA 1798.140(v), (ae); HIPAA 164.514(b)(2). No legal advice.
"""

from __future__ import annotations

PII = "pii"
"""The tag of personal data of any category."""
CATEGORIES = {
    "email": "addresses of electronic mail",
    "name": "names of people",
    "phone": "telephone and fax numbers",
    "address": "where people live or receive mail",
    "location": "where people or their devices are or were",
    "birth_date": "date of birth, age",
    "government_id": "passports, social security, tax and national numbers, licences, plates",
    "financial": "accounts, cards, salaries of people",
    "online_id": "IP addresses, cookies, devices, handles",
    "health": "health, treatment, insurance of patients (Art. 9)",
    "biometric": "biometric data that tell people apart (Art. 9)",
    "genetic": "genetic data (Art. 9)",
    "religion": "religious or philosophical beliefs (Art. 9)",
    "ethnicity": "racial or ethnic origin (Art. 9), nationality",
    "politics": "political opinions (Art. 9)",
    "union": "membership of trade unions (Art. 9)",
    "sexuality": "sex life or orientation (Art. 9)",
    "criminal": "convictions and offences (Art. 10)",
    "gender": "sex and gender",
    "family": "marital status, dependants, kin",
    "employment": "work, education and performance of people",
    "credentials": "passwords, secrets, keys that open something",
    "image": "photographs, voice, signatures of people",
    "child": "data about children",
}
"""Category -> what it is, in words."""


def category_tag(category: str) -> str:
    """The tag of a category."""
    return f"{PII}/{category}"


def is_category(tag: str) -> bool:
    """Whether a tag says that data are personal."""
    return tag == PII or tag.startswith(f"{PII}/")
