"""What names suggest: the list that the rules were written on; how good they are is measured on others."""

from __future__ import annotations

import pytest

from catalog.checks.classification.names import guess

PERSONAL = """
email email; user_email email; EmailAddress email; e_mail email; contact.email email; kunden_mail email
primaryEmail email; work_email_address email; emailid email; first_name name; lastName name; FULL_NAME name
surname name; vorname name; nachname name; apellidos name; middle_initial name; contact_name name
cardholder_name name; customer_name name; phone phone; phone_number phone; mobile_phone phone; tel phone
telefonnummer phone; fax_number phone; msisdn phone; home_phone phone; address_line_1 address; street address
street_address address; zip address; postal_code address; plz address; strasse address; shipping_city address
hausnummer address; billing_address address; postcode address; latitude location; gps_coordinates location
birth_place location; dob birth_date; date_of_birth birth_date; BirthDate birth_date; geburtsdatum birth_date
age birth_date; birth_year birth_date; ssn government_id; social_security_number government_id
passport_number government_id; drivers_license government_id; tax_id government_id; national_id government_id
cpf government_id; iban financial; credit_card_number financial; card_number financial; salary financial
annual_income financial; bank_account_number financial; gehalt financial; card_last4 financial
ip_address online_id; client_ip online_id; device_id online_id; user_agent online_id; cookie_id online_id
mac_address online_id; username online_id; session_id online_id; idfa online_id; diagnosis_code health
blood_type health; medication_name health; is_pregnant health; has_diabetes -; icd10_code health; mrn health
fingerprint_template biometric; face_embedding biometric; dna_sequence genetic; religion religion
ethnicity ethnicity; nationality ethnicity; political_affiliation politics; party_affiliation politics
union_membership union; sexual_orientation sexuality; criminal_record criminal; gender gender; sex gender
geschlecht gender; marital_status family; emergency_contact family; password credentials; password_hash credentials
api_key credentials; access_token credentials; pwd credentials; job_title employment; hire_date employment
avatar_url image; profile_picture image; guardian_name child
"""
OTHERS = """
id; created_at; updated_at; amount; price; quantity; capacity; velocity; validated; social_media_channel; is_active
email_verified; email_count; email_sent_at; email_template_id; email_subject; phone_type; product_name; file_name
table_name; host_name; company_name; event_name; campaign_name; column_name; first_seen_at; last_login_at
last_modified; page_views; ratio; message_count; package_version; memory_address; contract_address; ip_count
zip_file; shipping_cost; address_type; user_count; customer_segment; city_population; age_of_account; cache_age
page_age_days; row_count; status; mobile_app_version; name_length; password_reset_at; passwords_changed
token_count; health_check_status; treatment_group; race_condition; sex_ratio; net_income; income_statement
card_type; currency_code; language; timezone; is_email_verified; username_length; device_type; session_duration
country_code; store_name; department_name; ddl; batch_id; checksum
"""


@pytest.mark.parametrize(
    "pair", [pair.strip() for line in PERSONAL.split("\n") for pair in line.split(";") if pair.strip()]
)
def test_names_of_personal_data(pair: str) -> None:
    """Common spellings are known by their words."""
    name, category = pair.split()
    found = guess(name)

    assert (category if category != "-" else None) == (found.category if found else None)


@pytest.mark.parametrize(
    "name", [name.strip() for line in OTHERS.split("\n") for name in line.split(";") if name.strip()]
)
def test_names_of_other_data(name: str) -> None:
    """A word within a word suggests nothing, and neither does what is counted, measured or checked."""
    assert None is guess(name)
