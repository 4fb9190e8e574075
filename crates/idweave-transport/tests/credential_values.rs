//! What fixed credentials and the environment hold: for which schemes they are, what is sent, and what `Debug` shows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use idweave_transport::{
    ApiKey, Basic, Bearer, Credential, Credentials, Environment, ErrorKind, Scheme, Secret,
};

const SCHEMES: [Scheme; 8] = [
    Scheme::Basic,
    Scheme::Bearer,
    Scheme::Header("X-Key"),
    Scheme::Header("x-key"),
    Scheme::Header("X-Other"),
    Scheme::Query("key"),
    Scheme::Query("KEY"),
    Scheme::Cookie("key"),
];

#[test]
fn fixed_credentials_are_for_their_scheme_alone_and_debug_hides_them() {
    let secret = || Secret::new("MARK");
    let cases: [(Box<dyn Credentials>, &[Scheme], &str); 5] = [
        (
            Box::new(Bearer::new(secret()).unwrap()),
            &[Scheme::Bearer],
            "Bearer(***)",
        ),
        (
            Box::new(Basic::new("MARK", secret()).unwrap()),
            &[Scheme::Basic],
            "Basic(***)",
        ),
        (
            Box::new(ApiKey::header("X-Key", secret()).unwrap()),
            &[Scheme::Header("X-Key"), Scheme::Header("x-key")],
            "ApiKey(Header(\"X-Key\"), \"***\")",
        ),
        (
            Box::new(ApiKey::query("key", secret()).unwrap()),
            &[Scheme::Query("key")],
            "ApiKey(Query(\"key\"), \"***\")",
        ),
        (
            Box::new(ApiKey::cookie("key", secret()).unwrap()),
            &[Scheme::Cookie("key")],
            "ApiKey(Cookie(\"key\"), \"***\")",
        ),
    ];
    for (credentials, schemes, debug) in cases {
        for scheme in SCHEMES {
            let provides = credentials.provides(scheme);
            assert_eq!(provides, schemes.contains(&scheme), "{debug} {scheme:?}");
        }
        assert_eq!(format!("{credentials:?}"), debug);
    }
}

#[test]
fn credential_is_sent_as_its_scheme_wants_it_and_is_sensitive() {
    let secret = Secret::new("MARK");
    for (credential, sent) in [
        (Credential::bearer(&secret), "Bearer MARK"),
        (Credential::plain(&secret), "MARK"),
        (Credential::cookie(&secret), "MARK"),
        (
            // The example of RFC 7617, section 2.
            Credential::basic("Aladdin", &"open sesame".into()),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
    ] {
        let credential = credential.unwrap();
        assert_eq!(credential.value(), sent);
        assert!(credential.value().is_sensitive());
        assert_eq!(format!("{credential:?}"), "Credential(***)");
    }
}

#[test]
fn cookie_takes_the_characters_of_rfc_6265_and_no_others() {
    for byte in 0..=255u8 {
        let value = format!("a{}b", char::from(byte));
        // Section 4.1.1: cookie-octet.
        let allowed = matches!(byte, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E);
        let made = Credential::cookie(&Secret::new(value));
        assert_eq!(made.is_ok(), allowed, "{byte:#x}");
        if let Err(error) = made {
            assert_eq!(error.kind(), ErrorKind::Credentials);
        }
    }
}

#[test]
fn environment_gives_the_values_of_its_service() {
    let environment = Environment::from_lookup("acme-eu", |name| match name {
        "IDWEAVE_ACME_EU_USER" => Some("ann".to_owned()),
        "IDWEAVE_ACME_EU_PASSWORD" => Some(" p4ss ".to_owned()),
        "IDWEAVE_ACME_EU_EMPTY" => Some("  ".to_owned()),
        _ => None,
    });
    assert_eq!(environment.var("USER").as_deref(), Some("ann"));
    assert_eq!(environment.var("EMPTY"), None);
    assert_eq!(environment.required_var("USER").unwrap(), "ann");
    let secret = environment.required_secret("PASSWORD").unwrap();
    assert_eq!(secret.expose(), "p4ss");
    assert_eq!(environment.secret("OTHER").unwrap(), None);
    let missing = environment.required_secret("OTHER").unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Credentials);
    assert_eq!(
        format!("{environment:?}"),
        "Environment { prefix: \"IDWEAVE_ACME_EU_\", .. }"
    );
}
