//! One record of a list that cannot be read is reported, and does not fail the rest of its page.

use futures::{StreamExt, future::BoxFuture};
use idweave::{Error, ErrorKind, Hub, OffboardStatus, Result, Service};
use serde_json::{Value, json};

use crate::support::{GUID, ORG, Recorder, Response, authress, service};

/// A page as every list has it: how many items, which problems.
type Seen = Result<(usize, Vec<Error>)>;

/// A list of the facade, and how its service writes it.
struct List {
    name: &'static str,
    service: &'static str,
    /// A record with this id.
    record: fn(Value) -> Value,
    /// The name of the id.
    id: &'static str,
    /// The response with these records.
    response: fn(Vec<Value>) -> Value,
    page: fn(Service) -> BoxFuture<'static, Seen>,
}

macro_rules! page {
    (|$service:ident| $list:expr) => {
        |$service| {
            Box::pin(async move {
                let page = $list.await?;
                assert_eq!(page.service, $service.name());
                Ok((page.items.len(), page.problems))
            })
        }
    };
}

const LISTS: [List; 6] = [
    List {
        name: "users of DocSpace",
        service: "docspace",
        record: |id| json!({"id": id, "displayName": "MARK", "email": "MARK@acme.io"}),
        id: "id",
        response: |records| json!({"response": records, "total": 100}),
        page: page!(|service| service.users().list()),
    },
    List {
        name: "groups of DocSpace",
        service: "docspace",
        record: |id| json!({"id": id, "name": "MARK"}),
        id: "id",
        response: |records| json!({"response": records, "total": 100}),
        page: page!(|service| service.groups().list()),
    },
    List {
        name: "sign-in providers of DocSpace",
        service: "docspace",
        record: |id| json!({"provider": id, "url": "/login?MARK"}),
        id: "provider",
        response: |records| json!({"response": records}),
        page: page!(|service| service.sign_in_providers()),
    },
    List {
        name: "users of Authress",
        service: "authress",
        record: |id| json!({"userId": id, "name": "MARK", "email": "MARK@acme.io"}),
        id: "userId",
        response: |records| json!({"users": records, "pagination": {"next": {"cursor": "c"}}}),
        page: page!(|service| service.users().list()),
    },
    List {
        name: "tenants of Authress",
        service: "authress",
        record: |id| json!({"tenantId": id, "data": {"name": "MARK"}}),
        id: "tenantId",
        response: |records| json!({"tenants": records}),
        page: page!(|service| service.groups().list()),
    },
    List {
        name: "members of Enhance",
        service: "enhance",
        record: |id| json!({"id": id, "loginId": ORG, "email": "MARK@acme.io", "name": "MARK"}),
        id: "id",
        response: |records| json!({"items": records, "total": 100}),
        page: page!(|service| service.users().list()),
    },
];

impl List {
    fn good(&self) -> Value {
        (self.record)(json!(GUID))
    }

    /// Records that cannot be read, each in a way of its own.
    fn bad(&self) -> Vec<Value> {
        let mut missing = self.good();
        missing.as_object_mut().unwrap().remove(self.id);
        let mut all: Vec<Value> = ["", "00000000-0000-0000-0000-000000000000"]
            .map(|id| (self.record)(json!(id)))
            .into();
        // An id of zeros stands for nobody at DocSpace only.
        if self.service != "docspace" || self.id == "provider" || self.name.starts_with("groups") {
            all.pop();
        }
        all.push(missing);
        all.extend([json!(null), json!(7), json!(["MARK"])].map(self.record));
        all
    }
}

#[tokio::test]
async fn one_unreadable_record_leaves_the_others_of_its_page() {
    for list in &LISTS {
        for bad in list.bad() {
            let records = vec![list.good(), bad.clone(), list.good()];
            let server = Recorder::always(Response::json(200, (list.response)(records))).await;
            let seen = (list.page)(service(list.service, &server.base_url)).await;
            let (items, problems) = seen.unwrap_or_else(|e| panic!("{}, {bad}: {e}", list.name));
            assert_eq!((items, problems.len()), (2, 1), "{}, {bad}", list.name);
            let problem = &problems[0];
            assert_eq!(problem.kind(), ErrorKind::UnexpectedResponse);
            assert!(!problem.is_retryable());
            let text = problem.to_string();
            assert!(text.starts_with(&format!("{}: ", list.service)), "{text}");
            assert!(text.contains("record 2 of the page"), "{text}");
            let mut shown = format!("{text} {problem:?}");
            let mut cause = std::error::Error::source(problem);
            while let Some(error) = cause {
                shown += &format!(" {error} {error:?}");
                cause = error.source();
            }
            assert!(!shown.contains("MARK"), "{shown}");
        }
    }
}

#[tokio::test]
async fn unreadable_records_keep_their_positions() {
    for list in &LISTS {
        let bad = list.bad();
        let (first, last) = (bad[0].clone(), bad.last().unwrap().clone());
        let records = vec![last.clone(), list.good(), first, list.good(), last];
        let server = Recorder::always(Response::json(200, (list.response)(records))).await;
        let seen = (list.page)(service(list.service, &server.base_url)).await;
        let (items, problems) = seen.unwrap();
        let mut numbers: Vec<usize> = problems
            .iter()
            .map(|problem| {
                let text = problem.to_string();
                let (_, rest) = text.split_once("record ").unwrap();
                rest.split(' ').next().unwrap().parse().unwrap()
            })
            .collect();
        numbers.sort_unstable();
        assert_eq!((items, numbers), (2, vec![1, 3, 5]), "{}", list.name);
    }
}

#[tokio::test]
async fn response_without_records_is_an_error_of_the_page() {
    for list in &LISTS {
        for records in [json!([7]), json!("MARK"), json!({"a": 1})] {
            let mut response = (list.response)(Vec::new());
            let field = ["response", "users", "tenants", "items"]
                .into_iter()
                .find(|field| response.get(field).is_some());
            response[field.unwrap()] = records;
            let server = Recorder::always(Response::json(200, &response)).await;
            let seen = (list.page)(service(list.service, &server.base_url)).await;
            let error = seen.map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{response}");
        }
    }
}

/// Two pages of two users each, by cursor; the second user of the first has no id.
async fn two_pages() -> Recorder {
    Recorder::start(|request| {
        let user = |id: &str| json!({"userId": id, "email": "ann@acme.io"});
        let page = if request.target.contains("cursor=") {
            json!({"users": [user("3"), user("4")]})
        } else {
            let nobody = json!({"email": "ann@acme.io"});
            json!({"users": [user("1"), nobody], "pagination": {"next": {"cursor": "c"}}})
        };
        Response::json(200, page)
    })
    .await
}

#[tokio::test]
async fn items_go_on_after_an_unreadable_record() {
    let server = two_pages().await;
    let authress = service("authress", &server.base_url);
    let items = authress.users().list().items();
    let seen: Vec<_> = items
        .map(|user| user.map(|user| user.id.to_string()))
        .collect()
        .await;
    let ids = |range: &[Result<String>]| -> Vec<String> {
        range
            .iter()
            .map(|id| id.as_ref().unwrap().clone())
            .collect()
    };
    assert_eq!(ids(&seen[..1]), ["authress:1"]);
    let error = seen[1].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.service()),
        (ErrorKind::UnexpectedResponse, Some("authress"))
    );
    assert_eq!(ids(&seen[2..]), ["authress:3", "authress:4"]);
}

#[tokio::test]
async fn unreadable_records_are_counted() {
    let server = two_pages().await;
    let authress = service("authress", &server.base_url);
    assert_eq!(authress.users().count().await.unwrap(), 4);
}

#[tokio::test]
async fn offset_of_the_next_page_counts_unreadable_records() {
    for list in LISTS
        .iter()
        .filter(|list| (list.response)(Vec::new()).get("total").is_some())
    {
        let records = vec![list.good(), list.bad().pop().unwrap(), list.good()];
        let server = Recorder::always(Response::json(200, (list.response)(records))).await;
        let service = service(list.service, &server.base_url);
        let next = if list.name.starts_with("groups") {
            service.groups().list().await.unwrap().next
        } else {
            service.users().list().await.unwrap().next
        };
        assert_eq!(next.unwrap().as_str(), "3", "{}", list.name);
    }
}

#[tokio::test]
async fn find_keeps_the_users_and_reports_the_unreadable_record() {
    let server = two_pages().await;
    let hub = Hub::builder()
        .service(authress(&server.base_url))
        .build()
        .unwrap();
    let ann = hub.find("ann@acme.io").await.unwrap();
    assert_eq!(ann.users().count(), 3);
    let failures: Vec<_> = ann.failures().map(Error::kind).collect();
    assert_eq!(failures, [ErrorKind::UnexpectedResponse]);
    // Somebody may be left, so the report is not complete although everybody found is gone.
    let report = hub.offboard(&ann).await.unwrap();
    let failed: Vec<_> = report.failed().collect();
    assert_eq!((failed.len(), failed[0].user.clone()), (1, None));
    assert!(!report.is_complete());
    let pending = report
        .outcomes
        .iter()
        .filter(|own| own.status == OffboardStatus::Pending);
    assert_eq!(pending.count(), 3);
}
