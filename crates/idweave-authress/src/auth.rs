//! The access key of a service client, signed into short-lived tokens.
//!
//! The key itself never leaves the process. Tokens are JWTs by EdDSA (RFC 8037),
//! or RS256 for keys of the old form, with the type of RFC 9068.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose};
use idweave_transport::{
    AuthContext, Credential, Environment, Error, ErrorKind, FetchedToken, Secret, TokenCache,
    TokenSource, encode_segment,
};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use zeroize::Zeroizing;

/// How long a token is valid.
const TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);

/// A token with less than this left is signed anew.
const MARGIN: Duration = Duration::from_secs(3_600);

/// A token refused when younger than this is not refused for its age.
const MIN_TOKEN_AGE: Duration = Duration::from_secs(60);

/// The access key of a service client.
///
/// ```no_run
/// use idweave_authress::{AccessKey, Client, Environment};
///
/// // IDWEAVE_AUTHRESS_ACCESS_KEY, or IDWEAVE_AUTHRESS_ACCESS_KEY_FILE, or ..._COMMAND
/// let key = AccessKey::from_environment(&Environment::of("authress"))?;
/// let client = Client::builder("https://login.acme.io").credentials(key).build()?;
/// # Ok::<(), idweave_authress::Error>(())
/// ```
#[derive(Clone)]
pub struct AccessKey {
    key: Arc<Key>,
    issuer: Option<Arc<str>>,
    tokens: TokenCache,
}

struct Key {
    client_id: String,
    key_id: String,
    audience: String,
    /// Where the service gives tokens of the account's own host.
    account_host: Option<String>,
    signer: Signer,
}

enum Signer {
    // Ring keeps the private scalar in types of its own; neither can be printed.
    Ed25519(Box<Ed25519KeyPair>),
    Rsa(Box<RsaKeyPair>),
}

/// A key from before 2022: base64 of this object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldKey {
    audience: String,
    client_id: String,
    key_id: String,
    private_key: Secret,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    scope: &'a str,
}

impl AccessKey {
    /// Reads a key of the form `client.key.account.privateKey`, or of the old
    /// form (base64 of JSON with an RSA key).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] that says what is wrong with the key, without showing it.
    pub fn parse(key: impl Into<Secret>) -> Result<Self, Error> {
        let key = key.into();
        let text = key.expose().trim();
        let key = match (text.starts_with("eyJ"), text.contains('.')) {
            (true, true) => {
                return Err(unusable(
                    "this is a JWT, not an access key: take the key that starts with the client's id, \
                     or send the JWT as a bearer token",
                ));
            }
            (_, false) => Key::old(text)?,
            (false, true) => Key::new(text)?,
        };
        Ok(Self {
            key: Arc::new(key),
            issuer: None,
            tokens: TokenCache::new(),
        })
    }

    /// Reads the setting `ACCESS_KEY`: `IDWEAVE_AUTHRESS_ACCESS_KEY` of `Environment::of("authress")`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the variable is missing, or as [`parse`](Self::parse).
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        Self::parse(environment.required_secret("ACCESS_KEY")?)
    }

    /// Sets the account's custom domain, when the client's base URL is another address.
    ///
    /// Without it the issuer is the origin of the base URL, or the account's
    /// own host where that is under `authress.io`.
    #[must_use]
    pub fn with_issuer(mut self, domain: impl Into<String>) -> Self {
        self.issuer = Some(domain.into().into());
        self.tokens = TokenCache::new();
        self
    }

    /// Returns the id of the service client.
    pub fn client_id(&self) -> &str {
        &self.key.client_id
    }

    fn issuer(&self, base_url: &str) -> Result<String, Error> {
        let url = Url::parse(self.issuer.as_deref().unwrap_or(base_url)).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "the issuer is not a URL").with_source(error)
        })?;
        let under_authress =
            matches!(url.host(), Some(Host::Domain(host)) if host.ends_with(".authress.io"));
        let origin = match &self.key.account_host {
            Some(host) if under_authress => format!("https://{host}"),
            _ => url.origin().ascii_serialization(),
        };
        Ok(format!(
            "{origin}/v1/clients/{}",
            encode_segment(&self.key.client_id)
        ))
    }

    fn sign(&self, base_url: &str) -> Result<FetchedToken, Error> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let issuer = self.issuer(base_url)?;
        let token = self.key.sign(&Claims {
            aud: &self.key.audience,
            iss: &issuer,
            sub: &self.key.client_id,
            client_id: &self.key.client_id,
            iat: now,
            exp: now + TOKEN_LIFETIME.as_secs(),
            scope: "openid",
        })?;
        let credential = Credential::bearer(&token)?;
        Ok(FetchedToken::new(credential, Some(TOKEN_LIFETIME)).with_margin(MARGIN))
    }
}

impl Key {
    fn new(text: &str) -> Result<Self, Error> {
        let parts: Vec<_> = text.split('.').collect();
        let [client_id, key_id, account_id, private_key] = parts[..] else {
            return Err(unusable(
                "an access key has four parts with dots between: client.key.account.privateKey",
            ));
        };
        if [client_id, key_id, account_id, private_key]
            .iter()
            .any(|part| part.is_empty())
        {
            return Err(unusable("a part of the access key is empty"));
        }
        let der = general_purpose::STANDARD
            .decode(private_key)
            .map(Zeroizing::new)
            .map_err(|_| {
                unusable("the private key in the access key is not base64: was it cut short?")
            })?;
        // The unchecked form takes keys without their public half, as services make them.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| {
            unusable("the private key in the access key is not an Ed25519 key in PKCS #8")
        })?;
        Ok(Self {
            client_id: client_id.to_owned(),
            key_id: key_id.to_owned(),
            audience: format!("{account_id}.accounts.authress.io"),
            account_host: Some(format!("{account_id}.api.authress.io")),
            signer: Signer::Ed25519(Box::new(pair)),
        })
    }

    fn old(text: &str) -> Result<Self, Error> {
        let json = general_purpose::STANDARD
            .decode(text)
            .map(Zeroizing::new)
            .map_err(|_| {
                unusable("this is neither client.key.account.privateKey nor base64 of an old key")
            })?;
        let old: OldKey = serde_json::from_slice(&json).map_err(|_| {
            unusable("this is neither client.key.account.privateKey nor an old key's JSON")
        })?;
        let pem = old.private_key.expose().as_bytes();
        let pair = match PrivateKeyDer::from_pem_slice(pem) {
            Ok(PrivateKeyDer::Pkcs8(der)) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => {
                return Err(unusable(
                    "the private key in the old access key is not a PEM RSA key",
                ));
            }
        };
        let pair = pair.map_err(|_| {
            unusable("the private key in the old access key is not a usable RSA key")
        })?;
        Ok(Self {
            account_host: old
                .audience
                .strip_suffix(".accounts.authress.io")
                .map(|account| format!("{account}.api.authress.io")),
            client_id: old.client_id,
            key_id: old.key_id,
            audience: old.audience,
            signer: Signer::Rsa(Box::new(pair)),
        })
    }

    fn sign(&self, claims: &Claims<'_>) -> Result<Secret, Error> {
        let encode = |bytes: &[u8]| general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let json = |value: serde_json::Result<Vec<u8>>| {
            value.map_err(|_| Error::new(ErrorKind::Credentials, "the token cannot be written"))
        };
        let alg = match self.signer {
            Signer::Ed25519(_) => "EdDSA",
            Signer::Rsa(_) => "RS256",
        };
        let header = json(serde_json::to_vec(&Header {
            alg,
            kid: &self.key_id,
            typ: "at+jwt",
        }))?;
        let mut token = format!(
            "{}.{}",
            encode(&header),
            encode(&json(serde_json::to_vec(claims))?)
        );
        let signature = match &self.signer {
            Signer::Ed25519(pair) => encode(pair.sign(token.as_bytes()).as_ref()),
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    token.as_bytes(),
                    &mut signature,
                )
                .map_err(|_| Error::new(ErrorKind::Credentials, "the token cannot be signed"))?;
                encode(&signature)
            }
        };
        token.push('.');
        token.push_str(&signature);
        Ok(token.into())
    }
}

fn unusable(why: &str) -> Error {
    Error::new(ErrorKind::Credentials, why)
}

impl TokenSource for AccessKey {
    fn tokens(&self) -> &TokenCache {
        &self.tokens
    }

    async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
        self.sign(context.base_url())
    }

    fn is_replaceable(&self, context: &AuthContext) -> bool {
        // The same key signs the same claims: soon after, another token fares no better.
        self.tokens
            .age(context)
            .is_some_and(|age| age >= MIN_TOKEN_AGE)
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("client_id", &self.key.client_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ring::signature::{ED25519, KeyPair, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    /// PKCS #8 of the RFC 8032 section 7.1 test 1 key, without its public half.
    fn pkcs8() -> Vec<u8> {
        let mut der = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        der.extend([
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ]);
        der
    }

    fn key() -> String {
        format!(
            "sc_1.key|1.acc_1.{}",
            general_purpose::STANDARD.encode(pkcs8())
        )
    }

    fn decode(part: &str) -> Value {
        serde_json::from_slice(&general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    fn token(key: &AccessKey, base_url: &str) -> String {
        let fetched = key.sign(base_url).unwrap();
        fetched
            .credential()
            .value()
            .to_str()
            .unwrap()
            .strip_prefix("Bearer ")
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_token_is_signed_by_the_key_and_names_client_account_and_issuer() {
        let token = token(
            &AccessKey::parse(key()).unwrap(),
            "https://login.acme.io/sub",
        );
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!(
            decode(parts[0]),
            serde_json::json!({"alg": "EdDSA", "kid": "key|1", "typ": "at+jwt"})
        );
        let claims = decode(parts[1]);
        assert_eq!(claims["iss"], "https://login.acme.io/v1/clients/sc_1");
        assert_eq!(claims["aud"], "acc_1.accounts.authress.io");
        assert_eq!(
            (&claims["sub"], &claims["client_id"]),
            (&"sc_1".into(), &"sc_1".into())
        );
        assert_eq!(
            claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
            86_400
        );
        let public = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8()).unwrap();
        let message = format!("{}.{}", parts[0], parts[1]);
        let signature = general_purpose::URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        UnparsedPublicKey::new(&ED25519, public.public_key().as_ref())
            .verify(message.as_bytes(), &signature)
            .unwrap();
    }

    #[test]
    fn hosts_under_authress_io_share_the_accounts_own_issuer() {
        let key = AccessKey::parse(key()).unwrap();
        for base_url in [
            "https://acc_1.api.authress.io",
            "https://acc_1.api-eu-west.authress.io",
        ] {
            assert_eq!(
                key.issuer(base_url).unwrap(),
                "https://acc_1.api.authress.io/v1/clients/sc_1"
            );
        }
        let named = key.clone().with_issuer("https://id.acme.io/");
        assert_eq!(
            named.issuer("http://127.0.0.1:1").unwrap(),
            "https://id.acme.io/v1/clients/sc_1"
        );
        assert_eq!(
            key.issuer("https://evil-authress.io").unwrap(),
            "https://evil-authress.io/v1/clients/sc_1"
        );
    }

    /// A key, and how often a token was signed by it.
    #[derive(Clone, Debug)]
    struct Counted(AccessKey, Arc<AtomicUsize>);

    impl TokenSource for Counted {
        fn tokens(&self) -> &TokenCache {
            self.0.tokens()
        }

        async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
            self.1.fetch_add(1, Ordering::SeqCst);
            self.0.fetch_token(context).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn token_with_less_than_an_hour_left_is_signed_again() {
        let signed = Arc::new(AtomicUsize::new(0));
        // The layer responds in the place of a service.
        let session = crate::Session::builder("http://127.0.0.1:9")
            .credentials(Counted(AccessKey::parse(key()).unwrap(), signed.clone()))
            .layer_fn(|_, _| Box::pin(async { Ok(idweave_transport::Response::new("{}".into())) }))
            .build()
            .unwrap();
        let call = async || {
            let call = session.call(&crate::operations::GET_ACCOUNTS);
            call.empty().await.unwrap();
            signed.load(Ordering::SeqCst)
        };
        assert_eq!(call().await, 1);
        tokio::time::advance(TOKEN_LIFETIME - MARGIN - Duration::from_secs(1)).await;
        assert_eq!(call().await, 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(call().await, 2);
    }

    #[test]
    fn access_key_rejects_an_invalid_key_with_a_reason_and_does_not_show_it() {
        for (text, says) in [
            ("eyJhbGciOiJFZERTQSJ9.eyJNQVJLIjoxfQ.c2ln", "JWT"),
            ("eyJNQVJLIjoxfQ==", "old key"),
            ("", "neither"),
            ("MARK.b.c", "four parts"),
            ("MARK.b.c.d.e", "four parts"),
            ("MARK..c.ZA==", "empty"),
            ("MARK.b.c.!!!", "base64"),
            ("MARK.b.c.TUFSSw==", "Ed25519"),
        ] {
            let error = AccessKey::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credentials, "{text}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says), "{text}: {shown}");
            assert!(!shown.contains("MARK"), "{shown}");
        }
        assert!(!format!("{:?}", AccessKey::parse(key()).unwrap()).contains("MC4C"));
    }
}
