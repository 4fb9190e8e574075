//! `cargo xtask specs` on a workspace of its own, and on the one it stands in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use xtask::openapi::emit;
use xtask::openapi::service::Service;
use xtask::specs::extract::extract;

const SERVICE: &str = "# Kept by hand.\nname = \"acme\"\ndisplay_name = \"Acme\"\ncrate = \"idweave-acme\"\nbase_url = \"https://acme.test\"\n\n[selection]\ntags = [\"Users\"] # and nothing else\nexclude = [{ what = \"legacyUsers\", reason = \"gone next year\" }]\n";

const OVERLAY: &str = "overlay: 1.0.0\ninfo:\n  title: Acme\n  version: '1'\nactions:\n- target: $.components.schemas.User.properties.email\n  description: Not every user has an address.\n  update:\n    nullable: true\n- target: $.paths.*[?@.operationId == 'deleteUser'].responses['200']\n  description: Declared 200, answered 204.\n  remove: true\n- target: $.paths.*[?@.operationId == 'deleteUser'].responses\n  description: Declared 200, answered 204.\n  update:\n    '204':\n      description: No Content\n- target: $.paths.*[?@.operationId == 'listUsers'].parameters\n  description: An undeclared filter.\n  update:\n    name: filter\n    in: query\n    schema:\n      type: string\n";

/// A vendor's document of version `version`; a newer one is changed by the caller.
fn vendor(version: &str) -> Value {
    let user = json!({"$ref": "#/components/schemas/User"});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Acme API", "version": version, "description": "Marketing."},
        "paths": {
            "/users": {"get": {"operationId": "listUsers", "tags": ["Users"], "summary": "Theirs.",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
                "responses": {"200": {"description": "Theirs.", "content": {"application/json": {"schema": {"type": "array", "items": user}}}}}}},
            "/users/{id}": {"delete": {"operationId": "deleteUser", "tags": ["Users"],
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "Theirs."}, "404": {"description": "Theirs."}}}},
            "/legacy": {"get": {"operationId": "legacyUsers", "tags": ["Users"], "responses": {"200": {"description": "Theirs."}}}},
            "/files": {"get": {"operationId": "listFiles", "tags": ["Files"], "responses": {"200": {"description": "Theirs."}}}}
        },
        "components": {"schemas": {
            "User": {"type": "object", "description": "Theirs.", "required": ["id"],
                "properties": {"id": {"type": "string"}, "email": {"type": "string", "format": "email", "example": "a@b.c"}}},
            "File": {"type": "object"}
        }}
    })
}

struct Workspace {
    dir: tempfile::TempDir,
}

impl Workspace {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("specs/acme");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("service.toml"), SERVICE).unwrap();
        std::fs::write(folder.join("overlay.yaml"), OVERLAY).unwrap();
        std::fs::write(
            dir.path().join("Cargo.toml"),
            "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.dependencies]\nserde = \"1\"\n",
        )
        .unwrap();
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            std::fs::write(
                dir.path().join(licence),
                format!("The text of {licence}.\n"),
            )
            .unwrap();
        }
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A vendor's file in the workspace, as YAML or as JSON by its name.
    fn vendor(&self, name: &str, value: &Value) -> PathBuf {
        let text = if name.ends_with(".json") {
            value.to_string()
        } else {
            emit::yaml(value)
        };
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn specs(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["specs", "--specs"])
            .arg(self.path("specs"))
            .args(arguments)
            .output()
            .unwrap()
    }

    fn import(&self, file: &Path) -> Output {
        self.specs(&["import", "acme", "--from", file.to_str().unwrap()])
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn ok(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(output));
    text(output)
}

#[test]
fn import_takes_facts_and_leaves_sentences() {
    let w = Workspace::new();
    let told = ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    assert!(
        told.starts_with("acme: 2 of 4 operations, 1 schemas; wrote openapi.yaml, service.toml"),
        "{told}"
    );
    let written = w.read("specs/acme/openapi.yaml");
    assert!(
        !written.contains("Theirs") && !written.contains("Marketing") && !written.contains("a@b.c"),
        "{written}"
    );
    assert!(
        !written.contains("legacy") && !written.contains("File"),
        "{written}"
    );
    let toml = w.read("specs/acme/service.toml");
    assert!(
        toml.starts_with("# Kept by hand.\n") && toml.contains("# and nothing else"),
        "{toml}"
    );
    assert!(
        toml.contains("version = \"1\"") && toml.contains("document = \"v1.yaml\""),
        "{toml}"
    );
}

#[test]
fn import_of_the_same_file_changes_nothing() {
    let w = Workspace::new();
    let file = w.vendor("v1.yaml", &vendor("1"));
    ok(&w.import(&file));
    let before = (
        w.read("specs/acme/openapi.yaml"),
        w.read("specs/acme/service.toml"),
        w.read("specs/acme/overlay.yaml"),
    );
    assert!(ok(&w.import(&file)).contains("nothing changed"));
    let after = (
        w.read("specs/acme/openapi.yaml"),
        w.read("specs/acme/service.toml"),
        w.read("specs/acme/overlay.yaml"),
    );
    assert_eq!(before, after);
}

#[test]
fn import_of_yaml_and_json_in_any_order_is_the_same() {
    let w = Workspace::new();
    ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    let from_yaml = w.read("specs/acme/openapi.yaml");
    let mut shuffled = vendor("1");
    reverse(&mut shuffled);
    ok(&w.import(&w.vendor("v1.json", &shuffled)));
    assert_eq!(from_yaml, w.read("specs/acme/openapi.yaml"));
}

/// Every object's keys the other way round.
fn reverse(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            map.extend(entries.into_iter().rev());
            map.values_mut().for_each(reverse);
        }
        Value::Array(items) => items.iter_mut().for_each(reverse),
        _ => {}
    }
}

#[test]
fn import_of_a_newer_file_reports_actions_that_no_longer_match() {
    let w = Workspace::new();
    ok(&w.specs(&[
        "import",
        "acme",
        "--from",
        w.vendor("v1.yaml", &vendor("1")).to_str().unwrap(),
        "--date",
        "2026-01-01",
    ]));
    let mut newer = vendor("2");
    newer["components"]["schemas"]["User"]["properties"]
        .as_object_mut()
        .unwrap()
        .shift_remove("email");
    let told = ok(&w.import(&w.vendor("v2.yaml", &newer)));
    assert!(
        told.contains(
            "overlay action 1 no longer matches: $.components.schemas.User.properties.email"
        ),
        "{told}"
    );
    assert!(
        told.contains("reason: Not every user has an address."),
        "{told}"
    );
    assert_eq!(w.read("specs/acme/overlay.yaml"), OVERLAY);
    let toml = w.read("specs/acme/service.toml");
    assert!(
        toml.contains("version = \"2\"") && toml.contains("date = \"\""),
        "{toml}"
    );
    let lint = w.specs(&["lint", "acme"]);
    assert_eq!(lint.status.code(), Some(1));
    assert!(
        text(&lint).contains("no longer selects anything"),
        "{}",
        text(&lint)
    );
}

#[test]
fn import_reports_a_selected_operation_that_is_missing() {
    let w = Workspace::new();
    std::fs::write(
        w.path("specs/acme/service.toml"),
        SERVICE.replace("tags =", "operations = [\"vanished\"]\ntags ="),
    )
    .unwrap();
    let told = ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    assert!(told.contains("not in the document: vanished"), "{told}");
}

#[test]
fn import_reports_a_reference_to_another_file() {
    let w = Workspace::new();
    let mut document = vendor("1");
    document["components"]["schemas"]["User"]["properties"]["role"] =
        json!({"$ref": "role.yaml#/Role"});
    let told = ok(&w.import(&w.vendor("v1.yaml", &document)));
    assert!(
        told.contains("note: role.yaml#/Role is referred to and not in the file"),
        "{told}"
    );
}

#[test]
fn show_prints_the_effective_document_as_json() {
    let w = Workspace::new();
    ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    let shown: Value = serde_json::from_str(&ok(&w.specs(&["show", "acme"]))).unwrap();
    assert_eq!(
        shown["components"]["schemas"]["User"]["properties"]["email"]["nullable"],
        true
    );
    let statuses: Vec<&String> = shown["paths"]["/users/{id}"]["delete"]["responses"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(statuses, ["404", "204"]);
    assert!(ok(&w.specs(&["show", "acme", "--yaml"])).starts_with("openapi:"));
}

#[test]
fn verify_names_the_action_behind_each_difference() {
    let w = Workspace::new();
    let file = w.vendor("v1.yaml", &vendor("1"));
    ok(&w.import(&file));
    let report: Value = serde_json::from_str(&ok(&w.specs(&[
        "verify",
        "acme",
        "--against",
        file.to_str().unwrap(),
        "--json",
    ])))
    .unwrap();
    let rows: Vec<(String, String, Value)> = report["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            let what = format!(
                "{} {}",
                d["part"].as_str().unwrap(),
                d["aspect"].as_str().unwrap()
            );
            (
                d["place"].as_str().unwrap().to_owned(),
                what,
                d["explained_by"][0]["action"].clone(),
            )
        })
        .collect();
    let expected = [
        ("DELETE /users/{id}", "status 200 present", 2),
        ("DELETE /users/{id}", "status 204 present", 3),
        ("GET /users", "parameter filter in query present", 4),
        ("schema User", "field email nullable", 1),
    ];
    assert_eq!(
        rows,
        expected.map(|(place, what, action)| (place.to_owned(), what.to_owned(), json!(action)))
    );
    assert_eq!(report["unexplained"], 0);
}

#[test]
fn verify_fails_for_a_difference_that_no_action_explains() {
    let w = Workspace::new();
    ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    let mut other = vendor("1");
    other["paths"]["/users"]["get"]["parameters"][0]["schema"]["maximum"] = json!(50);
    other["paths"]["/users"]["get"]["parameters"][0]["required"] = json!(true);
    other["components"]["schemas"]["User"]["properties"]["age"] = json!({"type": "integer"});
    let file = w.vendor("v1b.yaml", &other);
    let output = w.specs(&[
        "verify",
        "acme",
        "--against",
        file.to_str().unwrap(),
        "--unexplained",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output);
    for expected in [
        "parameter limit in query maximum",
        "parameter limit in query required",
        "field age present",
        "NOT EXPLAINED",
        "3 not explained",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn verify_does_not_explain_a_missing_operation_by_actions_inside_it() {
    let w = Workspace::new();
    ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    let mut older = vendor("0");
    older["paths"]
        .as_object_mut()
        .unwrap()
        .shift_remove("/users/{id}");
    let file = w.vendor("v0.yaml", &older);
    let output = w.specs(&[
        "verify",
        "acme",
        "--against",
        file.to_str().unwrap(),
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let unexplained: Vec<&Value> = report["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["explained_by"] == json!([]))
        .map(|d| &d["place"])
        .collect();
    assert_eq!(unexplained, ["DELETE /users/{id}"]);
}

#[test]
fn verify_reports_edits_of_the_imported_file() {
    let w = Workspace::new();
    let file = w.vendor("v1.yaml", &vendor("1"));
    ok(&w.import(&file));
    let edited = w
        .read("specs/acme/openapi.yaml")
        .replace("maximum: 100", "maximum: 1000");
    std::fs::write(w.path("specs/acme/openapi.yaml"), edited).unwrap();
    assert_eq!(
        w.specs(&["verify", "acme", "--against", file.to_str().unwrap()])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn diff_tells_breaking_from_compatible_and_check_fails_on_breaking() {
    let w = Workspace::new();
    let old = w.vendor("v1.yaml", &vendor("1"));
    let mut newer = vendor("2");
    newer["paths"]
        .as_object_mut()
        .unwrap()
        .shift_remove("/files");
    newer["paths"]["/users"]["get"]["parameters"][0]["schema"]["maximum"] = json!(500);
    let new = w.vendor("v2.yaml", &newer);
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let told = ok(&w.specs(&["diff", old, new]));
    assert!(
        told.contains("GET /files\n  BREAKING    operation removed"),
        "{told}"
    );
    assert!(
        told.contains("GET /users\n  compatible  parameter limit in query maximum: 100 -> 500"),
        "{told}"
    );
    assert_eq!(
        w.specs(&["diff", old, new, "--check"]).status.code(),
        Some(1)
    );
    assert!(
        ok(&w.specs(&["diff", old, old, "--check"])).contains("0 operations with breaking changes")
    );
}

#[test]
fn add_makes_folder_crate_and_workspace_line_and_refuses_to_do_it_twice() {
    let w = Workspace::new();
    let mut document = vendor("1");
    document["servers"] = json!([{"url": "https://api.other.test/v1"}]);
    let file = w.vendor("other.json", &document);
    let file = file.to_str().unwrap();
    let told = ok(&w.specs(&["add", "other", "--from", file]));
    assert!(
        told.contains("other: 4 of 4 operations generated"),
        "{told}"
    );
    assert!(
        w.read("Cargo.toml")
            .contains("idweave-other = { path = \"crates/idweave-other\", version = \"0.1.0\" }")
    );
    let service = Service::load(&w.path("specs/other")).unwrap();
    assert_eq!(
        (service.display_name.as_str(), service.base_url.as_str()),
        ("Acme API", "https://api.other.test/v1")
    );
    assert!(
        w.path("crates/idweave-other/src/generated/client.rs")
            .is_file()
    );
    assert!(
        w.read("crates/idweave-other/src/lib.rs")
            .contains("idweave_other::{Bearer, Client}")
    );
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let copy = format!("crates/idweave-other/{licence}");
        assert!(told.contains(&format!("wrote {copy}")), "{told}");
        assert_eq!(w.read(&copy), w.read(licence));
    }
    ok(&w.specs(&["lint", "other"]));
    let again = w.specs(&["add", "other", "--from", file]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again).contains("already exists"), "{}", text(&again));
}

#[test]
fn add_leaves_nothing_behind_when_it_fails() {
    let w = Workspace::new();
    std::fs::write(
        w.path("bad.yaml"),
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\n",
    )
    .unwrap();
    let before = w.read("Cargo.toml");
    let output = w.specs(&["add", "bad", "--from", w.path("bad.yaml").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!w.path("specs/bad").exists() && !w.path("crates/idweave-bad").exists());
    assert_eq!(w.read("Cargo.toml"), before);
}

#[test]
fn lint_prints_json_with_the_fields_that_scripts_read() {
    let w = Workspace::new();
    ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    let output = w.specs(&["lint", "acme", "--json"]);
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = json!({
        "severity": "warning",
        "operation": "listUsers",
        "pointer": "/paths/~1users/get",
        "message": "has no summary; write one in the overlay"
    });
    assert_eq!(reports[0]["service"], "acme");
    assert_eq!(reports[0]["diagnostics"][0], first, "{reports:#}");
}

#[test]
fn import_refuses_what_is_not_openapi_3() {
    let w = Workspace::new();
    for (text, expected) in [
        ("swagger: '2.0'\n", "Swagger 2.0"),
        ("openapi: 4.0.0\n", "OpenAPI 4.0.0 is not supported"),
        ("a: 1\n", "not an OpenAPI document"),
    ] {
        std::fs::write(w.path("x.yaml"), text).unwrap();
        let told = self::text(&w.import(&w.path("x.yaml")));
        assert!(told.contains(expected), "{told}");
    }
    assert!(text(&w.specs(&["show", "nobody"])).contains("no service nobody"));
}

#[test]
fn coverage_fails_when_an_operation_that_must_be_there_is_missing() {
    let w = Workspace::new();
    ok(&w.import(&w.vendor("v1.yaml", &vendor("1"))));
    let output = w.specs(&["coverage"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output);
    assert!(told.contains("MISSING: ostrom: GET /me"), "{told}");
    assert!(
        told.contains("left out: acme legacyUsers: gone next year"),
        "{told}"
    );
    assert!(told.contains("0 of 19 required operations"), "{told}");
}

fn own_services() -> Vec<Service> {
    Service::load_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap()
}

#[test]
fn services_of_this_repository_are_clean_and_complete() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("specs")
            .args(arguments)
            .output()
            .unwrap()
    };
    let lint = ok(&run(&["lint"]));
    assert_eq!(
        lint.matches(": 0 errors, 0 warnings").count(),
        own_services().len(),
        "{lint}"
    );
    assert!(ok(&run(&["coverage"])).contains("19 of 19 required operations"));
}

#[test]
fn documents_of_this_repository_hold_no_sentence_of_a_vendor() {
    for service in own_services() {
        let document = service.document().unwrap().value;
        // Cutting strips every sentence and sample: what it leaves as it is has none.
        let again = extract(&document, &service.selection);
        assert_eq!(
            emit::yaml(&again),
            emit::yaml(&document),
            "{}",
            service.name
        );
    }
}

#[test]
fn operations_of_this_repository_have_sentences_and_actions_have_reasons() {
    for service in own_services() {
        let effective = service.effective().unwrap();
        for operation in xtask::openapi::operations::operations(&effective) {
            let summary = operation.value["summary"].as_str().unwrap_or_default();
            assert!(
                summary.ends_with('.') && summary.len() < 120,
                "{}: {}: {summary:?}",
                service.name,
                operation.name()
            );
        }
        for action in service.overlay().unwrap().unwrap().actions {
            assert!(
                !action.description.unwrap_or_default().is_empty(),
                "{}: {}",
                service.name,
                action.target
            );
        }
        assert_eq!(service.provenance.sha256.len(), 64, "{}", service.name);
    }
}
