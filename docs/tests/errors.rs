//! The code of docs/errors.md.

mod decide {
    // region: decide
    use idweave::{Error, ErrorKind, Service, User};

    async fn find_user(service: &Service, id: &str) -> Result<Option<User>, Error> {
        match service.users().get(id).await {
            Ok(user) => Ok(Some(user)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
    // endregion

    #[tokio::test]
    async fn find_user_tells_absence_from_failure() {
        let (hub, sandbox) = crate::support::hub().await;
        let authress = hub.service("authress").unwrap();
        let id = &sandbox.authress().user_id;
        assert!(find_user(authress, id).await.unwrap().is_some());
        assert!(find_user(authress, "nobody").await.unwrap().is_none());
    }
}

mod ask_first {
    // region: ask_first
    use idweave::{Ability, Hub};

    fn services_that_invite(hub: &Hub) -> Vec<&str> {
        hub.services()
            .filter(|service| {
                service
                    .capability()
                    .get(Ability::CreateInvite)
                    .is_available()
            })
            .map(|service| service.name())
            .collect()
    }
    // endregion

    #[tokio::test]
    async fn services_that_invite_are_known_before_anything_is_sent() {
        let (hub, _sandbox) = crate::support::hub().await;
        assert_eq!(services_that_invite(&hub), ["enhance"]);
    }
}
