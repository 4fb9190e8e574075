//! Hubs from the environment and from files, and the errors about invalid settings.

use std::io::Write;

use crate::support::{ACCESS_KEY, ORG};
use idweave::{ErrorKind, Hub, Service};

fn from(vars: &[(&str, &str)]) -> idweave::Result<Hub> {
    let vars: Vec<_> = vars
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    Hub::from_vars(move |name| {
        vars.iter()
            .find(|var| var.0 == name)
            .map(|var| var.1.clone())
    })
}

fn file(text: &str) -> idweave::Result<Hub> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Hub::from_file(file.path())
}

fn names(hub: &Hub) -> Vec<&str> {
    hub.services().map(Service::name).collect()
}

#[test]
fn from_vars_creates_the_configured_services() {
    let hub = from(&[
        ("IDWEAVE_DOCSPACE_URL", "https://acme.onlyoffice.com"),
        ("IDWEAVE_DOCSPACE_API_KEY", "sk-1"),
        ("IDWEAVE_AUTHRESS_URL", "https://login.acme.io"),
        ("IDWEAVE_AUTHRESS_ACCESS_KEY", ACCESS_KEY),
        ("IDWEAVE_OSTROM_ENVIRONMENT", "sandbox"),
        ("IDWEAVE_OSTROM_CLIENT_ID", "id"),
        ("IDWEAVE_OSTROM_CLIENT_SECRET", "secret"),
        ("IDWEAVE_ENHANCE_URL", "https://panel.acme.io"),
        ("IDWEAVE_ENHANCE_ORG_ID", ORG),
        ("IDWEAVE_ENHANCE_EMAIL", "ann@acme.io"),
        ("IDWEAVE_ENHANCE_PASSWORD", "secret"),
        ("IDWEAVE_ENHANCE_TIMEOUT", "30"),
    ])
    .unwrap();
    assert_eq!(names(&hub), ["docspace", "authress", "ostrom", "enhance"]);
    let one = from(&[
        ("IDWEAVE_DOCSPACE_URL", "https://acme.onlyoffice.com"),
        ("IDWEAVE_ENHANCE_URL", ""),
    ]);
    assert_eq!(
        names(&one.unwrap()),
        ["docspace"],
        "an empty variable is not set"
    );
}

#[test]
fn from_vars_reads_files_and_commands() {
    let mut secret = tempfile::NamedTempFile::new().unwrap();
    writeln!(secret, "{ACCESS_KEY}").unwrap();
    let path = secret.path().display().to_string();
    let hub = from(&[
        ("IDWEAVE_AUTHRESS_URL", "https://login.acme.io"),
        ("IDWEAVE_AUTHRESS_ACCESS_KEY_FILE", &path),
        (
            "IDWEAVE_DOCSPACE_URL_COMMAND",
            "echo https://acme.onlyoffice.com",
        ),
    ]);
    assert_eq!(names(&hub.unwrap()), ["docspace", "authress"]);
    let twice = from(&[
        ("IDWEAVE_AUTHRESS_ACCESS_KEY", "MARK"),
        ("IDWEAVE_AUTHRESS_ACCESS_KEY_FILE", &path),
    ]);
    let error = twice.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(
        error.to_string().contains("IDWEAVE_AUTHRESS_ACCESS_KEY"),
        "{error}"
    );
}

#[test]
fn from_vars_errors_name_the_variable_and_not_its_value() {
    let good = ("IDWEAVE_DOCSPACE_URL", "https://acme.onlyoffice.com");
    for (vars, says) in [
        (vec![], "IDWEAVE_DOCSPACE_URL"),
        (
            vec![("IDWEAVE_DOCSPACE_API_KEY", "MARK")],
            "IDWEAVE_DOCSPACE_URL is missing",
        ),
        (
            vec![good, ("IDWEAVE_DOCSPACE_PASSWORD", "MARK")],
            "IDWEAVE_DOCSPACE_EMAIL is missing",
        ),
        (
            vec![good, ("IDWEAVE_DOCSPACE_TIMEOUT", "MARK")],
            "IDWEAVE_DOCSPACE_TIMEOUT",
        ),
        (
            vec![good, ("IDWEAVE_DOCSPACE_TIMEOUT", "0")],
            "IDWEAVE_DOCSPACE_TIMEOUT",
        ),
        (
            vec![good, ("IDWEAVE_DOCSPACE_TIMEOUT", "2592001")],
            "IDWEAVE_DOCSPACE_TIMEOUT is not a whole number of seconds from 1 to 2592000",
        ),
        (
            vec![good, ("IDWEAVE_DOCSPACE_TIMEOUT", "10000000000000000000")],
            "IDWEAVE_DOCSPACE_TIMEOUT",
        ),
        (
            vec![good, ("IDWEAVE_DOCSPACE_PROXY", "socks5://MARK")],
            "IDWEAVE_DOCSPACE_PROXY is not the address",
        ),
        (
            vec![
                good,
                ("IDWEAVE_DOCSPACE_API_KEY", "MARK"),
                ("IDWEAVE_DOCSPACE_EMAIL", "a@b.c"),
                ("IDWEAVE_DOCSPACE_PASSWORD", "MARK"),
            ],
            "IDWEAVE_DOCSPACE_API_KEY",
        ),
        (vec![("IDWEAVE_DOCSPACE_URL", "MARK")], "docspace"),
        (
            vec![("IDWEAVE_OSTROM_ENVIRONMENT", "MARK")],
            "IDWEAVE_OSTROM_ENVIRONMENT",
        ),
        (
            vec![("IDWEAVE_OSTROM_URL", "https://a.io")],
            "IDWEAVE_OSTROM_AUTH_URL is missing",
        ),
        (
            vec![
                ("IDWEAVE_AUTHRESS_URL", "https://login.acme.io"),
                ("IDWEAVE_AUTHRESS_ACCESS_KEY", "MARK"),
            ],
            "authress",
        ),
        (
            vec![
                ("IDWEAVE_ENHANCE_URL", "https://panel.acme.io"),
                ("IDWEAVE_ENHANCE_ORG_ID", ORG),
            ],
            "ACCESS_TOKEN",
        ),
        (
            vec![
                ("IDWEAVE_ENHANCE_URL", "https://panel.acme.io"),
                ("IDWEAVE_ENHANCE_ORG_ID", "MARK"),
                ("IDWEAVE_ENHANCE_ACCESS_TOKEN", "MARK"),
            ],
            "enhance",
        ),
    ] {
        let error = from(&vars).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{shown}");
        assert!(error.to_string().contains(says), "{says}: {shown}");
        assert!(!shown.contains("MARK"), "{shown}");
    }
}

#[test]
fn from_file_creates_the_services_and_resolves_secrets() {
    let mut secret = tempfile::NamedTempFile::new().unwrap();
    writeln!(secret, "sk-2").unwrap();
    let path = secret.path().display().to_string().replace('\\', "\\\\");
    let hub = file(&format!(
        r#"
        [docspace]
        url = "https://acme.onlyoffice.com"
        api_key = "sk-1"
        timeout = 30
        proxy = "http://proxy.acme.io:8080"

        [docspace-eu]
        type = "docspace"
        url = "https://acme-eu.onlyoffice.com"
        api_key = {{ file = "{path}" }}

        [panel]
        type = "enhance"
        url = "https://panel.acme.io"
        proxy = "none"
        org_id = "{ORG}"
        access_token = {{ env = "PATH" }}
        "#
    ))
    .unwrap();
    assert_eq!(names(&hub), ["docspace", "docspace-eu", "panel"]);
    assert_eq!(hub.service("panel").unwrap().service_type(), "enhance");
}

#[test]
fn from_file_errors_name_the_place_and_not_the_value() {
    for (text, says) in [
        ("", "no services"),
        ("[docspace]\nurl = \"MARK", "line 2"),
        ("[docspace]\napi_key = MARK", "line 2"),
        ("docspace = \"MARK\"", "[docspace]"),
        ("[portal]\nurl = \"MARK\"", "[portal] type"),
        (
            "[portal]\ntype = \"MARK\"",
            "docspace, authress, ostrom, enhance",
        ),
        (
            "[docspace]\nurl = \"https://a.io\"\napi_kye = \"MARK\"",
            "[docspace] api_kye is not a setting",
        ),
        ("[docspace]\nurl = [\"MARK\"]", "[docspace] url"),
        (
            "[docspace]\nurl = { env = \"NOT_SET_MARK\" }",
            "[docspace] url names an environment variable",
        ),
        (
            "[docspace]\nurl = { file = \"/nowhere/MARK\" }",
            "[docspace] url names a file",
        ),
        (
            "[docspace]\nurl = { command = \"/nowhere/MARK --print MARK\" }",
            "[docspace] url names a program",
        ),
        ("[docspace]\nurl = { key = \"MARK\" }", "[docspace] url"),
        (
            "[docspace]\napi_key = \"MARK\"",
            "[docspace] url is missing",
        ),
    ] {
        let error = file(text).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{shown}");
        assert!(error.to_string().contains(says), "{says}: {shown}");
        assert!(!shown.contains("MARK"), "{shown}");
    }
    assert_eq!(
        Hub::from_file("/nowhere/idweave.toml").unwrap_err().kind(),
        ErrorKind::InvalidConfig
    );
}
