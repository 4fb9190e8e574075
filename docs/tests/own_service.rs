//! The code of docs/own-service.md.

mod staff {
    // region: staff
    use idweave::{
        Ability, Capability, Cursor, Error, ErrorKind, IdentityService, Page, Result, Support,
        User, UserId, UserQuery,
    };

    struct Staff {
        people: Vec<(String, String)>,
    }

    #[idweave::async_trait]
    impl IdentityService for Staff {
        fn service_type(&self) -> &'static str {
            "staff"
        }

        fn capability(&self) -> Capability {
            Capability::default()
                .with(Ability::ListUsers, Support::Native)
                .with(Ability::GetUser, Support::Native)
        }

        async fn list_users(&self, query: &UserQuery, _: Option<&Cursor>) -> Result<Page<User>> {
            let users = self.people.iter().map(|(id, email)| self.user(id, email));
            let wanted = |user: &User| query.email.as_deref().is_none_or(|own| user.has_email(own));
            Ok(Page::new(users.filter(wanted).collect(), None))
        }

        async fn get_user(&self, id: &str) -> Result<User> {
            let person = self.people.iter().find(|(own, _)| own == id);
            let (id, email) = person.ok_or_else(|| Error::from(ErrorKind::NotFound))?;
            Ok(self.user(id, email))
        }
    }

    impl Staff {
        fn user(&self, id: &str, email: &str) -> User {
            User::new(UserId::new(self.service_type(), id)).email(email)
        }
    }
    // endregion

    pub(super) fn staff() -> impl IdentityService {
        Staff {
            people: vec![("7".to_owned(), "ann@acme.io".to_owned())],
        }
    }
}

mod hub {
    use super::staff::staff;

    // region: hub
    use idweave::{ErrorKind, Hub};

    #[tokio::test]
    async fn find_asks_the_staff_directory() -> idweave::Result<()> {
        let hub = Hub::builder().service(staff()).build()?;
        let person = hub.find("Ann@acme.io").await?;
        assert_eq!(person.users().next().unwrap().id.to_string(), "staff:7");

        let error = hub.service("staff")?.users().delete("7").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        Ok(())
    }
    // endregion
}
