//! `specs coverage`: counts the operations of each service, and checks that the required ones are there.

use std::fmt;

use serde::Serialize;

use crate::openapi::Result;
use crate::openapi::service::{Exclusion, Service};

use super::generation::Generate;
use super::table::table;
use crate::openapi::operations::operations;

/// The operations that must be there: service, method and path.
pub const REQUIRED_OPERATIONS: [(&str, &str, &str); 19] = [
    ("docspace", "get", "/api/2.0/people/thirdparty/providers"),
    ("docspace", "put", "/api/2.0/people/thirdparty/linkaccount"),
    ("docspace", "post", "/api/2.0/people/thirdparty/signup"),
    (
        "docspace",
        "delete",
        "/api/2.0/people/thirdparty/unlinkaccount",
    ),
    (
        "docspace",
        "get",
        "/api/2.0/portal/users/invite/{employeeType}",
    ),
    ("docspace", "get", "/api/2.0/portal/userscount"),
    ("docspace", "get", "/api/2.0/portal/users/{userID}"),
    ("docspace", "post", "/api/2.0/portal/present/mark"),
    ("docspace", "post", "/api/2.0/portal/sendcongratulations"),
    ("ostrom", "delete", "/users/{externalUserId}/disconnect"),
    ("ostrom", "get", "/me"),
    ("ostrom", "post", "/users/link"),
    ("authress", "delete", "/v1/users/{userId}"),
    ("authress", "get", "/v1/users/{userId}"),
    ("authress", "get", "/v1/users"),
    ("authress", "patch", "/v1/tenants/{tenantId}/users"),
    ("enhance", "post", "/invites/{invite_id}"),
    ("enhance", "post", "/orgs/{org_id}/invites"),
    ("enhance", "post", "/invites/{invite_id}/validate"),
];

/// The coverage of one service.
#[derive(Debug, Serialize)]
pub struct ServiceCoverage {
    /// The service.
    pub service: String,
    /// Operations taken from the vendor's document.
    pub imported: usize,
    /// Operations that the overlay adds.
    pub added: usize,
    /// Operations in all.
    pub selected: usize,
    /// Operations that have a method.
    pub generated: usize,
    /// Operations without one.
    pub left_out: Vec<LeftOut>,
    /// Operations with a sentence of ours.
    pub described: usize,
    /// Those of [`REQUIRED_OPERATIONS`] that are missing or have no method.
    pub missing: Vec<String>,
}

/// An operation without a method, or one that the selection excludes.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    /// Its id, or method and path.
    pub operation: String,
    /// Why.
    pub reason: String,
}

/// The coverage of every service.
#[derive(Debug, Serialize)]
pub struct Report {
    /// One entry a service.
    pub services: Vec<ServiceCoverage>,
    /// Those of [`REQUIRED_OPERATIONS`] whose service is not there at all.
    pub missing: Vec<String>,
}

impl Report {
    /// Tells whether all required operations are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.services.iter().all(|s| s.missing.is_empty())
    }
}

/// Counts every service.
///
/// # Errors
/// When a service's files cannot be used.
pub fn coverage(services: &[Service], generate: Generate<'_>) -> Result<Report> {
    let missing = REQUIRED_OPERATIONS
        .iter()
        .filter(|(name, _, _)| !services.iter().any(|s| s.name == *name))
        .map(|(name, method, path)| format!("{name}: {} {path}", method.to_uppercase()))
        .collect();
    let services = services
        .iter()
        .map(|s| service_coverage(s, generate))
        .collect::<Result<_>>()?;
    Ok(Report { services, missing })
}

fn service_coverage(service: &Service, generate: Generate<'_>) -> Result<ServiceCoverage> {
    let document = service.document()?.value;
    let effective = service.effective()?;
    let (imported, all) = (operations(&document), operations(&effective));
    let is_imported = |signature: &str| imported.iter().any(|o| o.signature() == signature);
    let generation = generate(service, &effective)?;
    let mut left_out: Vec<LeftOut> = generation
        .left_out
        .into_iter()
        .map(|(operation, reason)| LeftOut { operation, reason })
        .collect();
    let missing = REQUIRED_OPERATIONS
        .iter()
        .filter(|(name, _, _)| *name == service.name)
        .filter(|(_, method, path)| {
            let found = all.iter().find(|o| o.method == *method && o.path == *path);
            // An operation that is there and cannot be called is missing all the same.
            found.is_none_or(|o| {
                left_out
                    .iter()
                    .any(|l| l.operation == o.name() || l.operation == o.signature())
            })
        })
        .map(|(_, method, path)| format!("{} {path}", method.to_uppercase()))
        .collect();
    left_out.extend(
        service
            .selection
            .exclude
            .iter()
            .map(|exclusion: &Exclusion| LeftOut {
                operation: exclusion.what().to_owned(),
                reason: exclusion.reason().to_owned(),
            }),
    );
    Ok(ServiceCoverage {
        service: service.name.clone(),
        imported: imported.len(),
        added: all.iter().filter(|o| !is_imported(&o.signature())).count(),
        selected: all.len(),
        generated: generation.generated,
        described: all
            .iter()
            .filter(|o| o.value.get("summary").is_some())
            .count(),
        left_out,
        missing,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<Vec<String>> = self
            .services
            .iter()
            .map(|s| {
                let counts = [
                    s.imported,
                    s.added,
                    s.selected,
                    s.generated,
                    s.left_out.len(),
                    s.described,
                ];
                let mut row = vec![s.service.clone()];
                row.extend(counts.iter().map(ToString::to_string));
                row
            })
            .collect();
        let header = [
            "service",
            "imported",
            "added",
            "selected",
            "generated",
            "left out",
            "described",
        ];
        write!(f, "{}", table(&header, &rows))?;
        for service in &self.services {
            for left_out in &service.left_out {
                writeln!(
                    f,
                    "left out: {} {}: {}",
                    service.service, left_out.operation, left_out.reason
                )?;
            }
        }
        let missing = self
            .services
            .iter()
            .flat_map(|s| s.missing.iter().map(move |m| format!("{}: {m}", s.service)));
        let missing: Vec<String> = self.missing.iter().cloned().chain(missing).collect();
        for name in &missing {
            writeln!(f, "MISSING: {name}")?;
        }
        writeln!(
            f,
            "{} of {} required operations are present",
            REQUIRED_OPERATIONS.len() - missing.len(),
            REQUIRED_OPERATIONS.len()
        )
    }
}
