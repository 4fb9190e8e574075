//! TLS by rustls with the platform's roots, set up for each client: no process-wide provider is
//! installed or needed.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use crate::{Error, Secret};

/// What is wrong where neither a feature nor the application gives a provider.
pub(crate) const NO_PROVIDER: &str = "no TLS provider: enable the feature `ring` or `aws-lc-rs`, or install a \
     `rustls::crypto::CryptoProvider` for the process before the client is built";

/// What a user adds to the platform's roots.
#[derive(Clone, Default)]
pub(crate) struct TlsOptions {
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) identity: Option<(Vec<u8>, Secret)>,
}

impl TlsOptions {
    /// The configuration of one client, or nothing where there is no provider.
    pub(crate) fn config(&self) -> Result<Option<ClientConfig>, Error> {
        let mut roots = Vec::new();
        // Verified against later; put into a store now to hear of a broken one when the client is built.
        let mut store = RootCertStore::empty();
        let wrong =
            |error| Error::invalid("the root certificate cannot be used").with_source(error);
        for pem in &self.roots {
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| {
                    Error::invalid("the root certificate is not PEM").with_source(error)
                })?;
                store.add(certificate.clone()).map_err(wrong)?;
                roots.push(certificate);
            }
            if roots.len() == before {
                return Err(Error::invalid(
                    "the root certificate holds no PEM certificate",
                ));
            }
        }
        let Some(provider) = provider() else {
            return Ok(None);
        };
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::invalid("TLS cannot be set up").with_source(error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PlatformRoots {
                provider,
                roots,
                verifier: OnceLock::new(),
            }));
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                let chain = CertificateDer::pem_slice_iter(chain)
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|error| {
                        Error::invalid("the client certificate is not PEM").with_source(error)
                    })?;
                let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|_| {
                    Error::invalid("the client certificate's key is not a PEM private key")
                })?;
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    Error::invalid("client certificate and key cannot be used").with_source(error)
                })?
            }
        };
        config.alpn_protocols = if cfg!(feature = "http2") {
            vec![b"h2".to_vec(), b"http/1.1".to_vec()]
        } else {
            vec![b"http/1.1".to_vec()]
        };
        Ok(Some(config))
    }

    /// The same without the client certificate.
    pub(crate) fn without_identity(&self) -> Self {
        Self {
            roots: self.roots.clone(),
            identity: None,
        }
    }
}

impl fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsOptions")
            .field("roots", &self.roots.len())
            .field("identity", &self.identity.is_some())
            .finish()
    }
}

/// The provider that the application has installed for its process, or else the one whose feature
/// is on.
fn provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default().cloned().or_else(built_in)
}

/// Both features may be on, as any crate of a build can turn on either; ring is used then.
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    static PROVIDER: std::sync::LazyLock<Arc<CryptoProvider>> = std::sync::LazyLock::new(|| {
        #[cfg(feature = "ring")]
        let provider = rustls::crypto::ring::default_provider();
        #[cfg(not(feature = "ring"))]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        Arc::new(provider)
    });
    Some(PROVIDER.clone())
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    None
}

/// The platform's verifier, made at the first handshake.
///
/// Reading the platform's roots takes tens of milliseconds and fails where
/// there are none, and a client of a loopback service needs neither.
#[derive(Debug)]
struct PlatformRoots {
    provider: Arc<CryptoProvider>,
    roots: Vec<CertificateDer<'static>>,
    verifier: OnceLock<Arc<Verifier>>,
}

impl PlatformRoots {
    /// The verifier. Roots that could not be read are read again for the next connection.
    fn verifier(&self) -> Result<Arc<Verifier>, TlsError> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier.clone());
        }
        let own = self.roots.iter().cloned();
        let verifier = Arc::new(Verifier::new_with_extra_roots(own, self.provider.clone())?);
        // With roots of the user's own, it is made even if the platform's could not be read.
        let complete = self.roots.is_empty() || Verifier::new(self.provider.clone()).is_ok();
        Ok(match complete {
            true => self.verifier.get_or_init(|| verifier).clone(),
            false => verifier,
        })
    }
}

impl ServerCertVerifier for PlatformRoots {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        self.verifier()?.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.verifier()?
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.verifier()?
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tls_options_without_identity_keep_the_roots() {
        let options = TlsOptions {
            roots: vec![b"root".to_vec()],
            identity: Some((b"chain".to_vec(), "MARK".into())),
        };
        assert_eq!(
            format!("{options:?}"),
            "TlsOptions { roots: 1, identity: true }"
        );
        let without = options.without_identity();
        assert_eq!(without.roots, options.roots);
        assert!(without.identity.is_none());
    }

    #[test]
    fn platform_roots_are_read_once_if_they_can_be_read() {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        if Verifier::new(provider.clone()).is_err() {
            // No roots on this machine.
            return;
        }
        let own = rcgen::generate_simple_self_signed(["acme.invalid".to_owned()]).unwrap();
        for roots in [vec![], vec![own.cert.der().clone()]] {
            let roots = PlatformRoots {
                provider: provider.clone(),
                roots,
                verifier: OnceLock::new(),
            };
            let verifier = roots.verifier().unwrap();
            assert!(Arc::ptr_eq(&verifier, &roots.verifier().unwrap()));
        }
    }
}
