//! The secrets that sign deliveries.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::{error::Error, flowglad::variable::read_variable, input::InvalidInput, model::Secret};

const PREFIX: &str = "whsec_";
/// As the scheme of the signatures asks for. Flowglad's own secrets have this length.
const MIN_BYTES: usize = 24;
const VARIABLE: &str = "FLOWGLAD_WEBHOOK_SECRET";

/// The secret of a webhook (`whsec_…`), by which its deliveries are verified. `Debug` does not show it.
///
/// Flowglad shows it once, when the webhook is [created](crate::api::Webhooks::create).
///
/// ```
/// use flowglad_core::webhook::WebhookSecret;
/// let secret: WebhookSecret = "whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXMh".parse()?;
/// assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
/// let refused = "c2VjcmV0".parse::<WebhookSecret>().unwrap_err();
/// assert_eq!(refused.to_string(), "webhook secret must begin with whsec_, as Flowglad shows it");
/// # Ok::<_, flowglad_core::InvalidInput>(())
/// ```
#[derive(Clone)]
pub struct WebhookSecret {
    /// The state of the hash after the key, so that neither is the key kept nor the work done again.
    keyed: Hmac<Sha256>,
}

impl WebhookSecret {
    /// The hash of a message.
    pub(super) fn begin(&self) -> Hmac<Sha256> {
        self.keyed.clone()
    }
}

/// Reads a secret as Flowglad shows it. White space around it is ignored.
impl FromStr for WebhookSecret {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        let refuse = |problem| InvalidInput::new("webhook secret", problem);
        let text = text.trim();
        if text.is_empty() {
            return Err(refuse("is empty"));
        }
        let key = text.strip_prefix(PREFIX).ok_or_else(|| refuse("must begin with whsec_, as Flowglad shows it"))?;
        let key = STANDARD.decode(key).map_err(|_| refuse("must be base64 after whsec_: is it complete?"))?;
        if key.len() < MIN_BYTES {
            return Err(refuse("is too short: 24 bytes are the least"));
        }
        let keyed = Hmac::new_from_slice(&key).expect("a key may have any length");
        Ok(Self { keyed })
    }
}

impl TryFrom<&Secret> for WebhookSecret {
    type Error = InvalidInput;

    fn try_from(secret: &Secret) -> Result<Self, InvalidInput> {
        secret.expose().parse()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// One secret or several: a delivery is verified if one of them has signed it, so that a secret can be replaced without a
/// gap.
///
/// ```
/// use flowglad_core::webhook::{WebhookSecret, WebhookSecrets};
/// # fn run(old: WebhookSecret, new: WebhookSecret) {
/// let secrets = WebhookSecrets::from(new).and(old);
/// # }
/// let listed: WebhookSecrets =
///     "whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXMh, whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5".parse()?;
/// # Ok::<_, flowglad_core::InvalidInput>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookSecrets {
    secrets: Vec<WebhookSecret>,
}

impl WebhookSecrets {
    /// Reads `FLOWGLAD_WEBHOOK_SECRET`: one secret, or several with commas between them.
    ///
    /// # Errors
    /// [`Error::Config`] if the variable is not set, or holds something that is not a secret.
    pub fn from_env() -> Result<Self, Error> {
        let value = read_variable(VARIABLE)?.ok_or_else(|| {
            Error::config(VARIABLE, "is not set: it is the secret that Flowglad showed with the webhook")
        })?;
        value.parse().map_err(|refused: InvalidInput| Error::config(VARIABLE, format!("is refused: {refused}")))
    }

    /// Adds a secret.
    #[must_use]
    pub fn and(mut self, secret: WebhookSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &WebhookSecret> {
        self.secrets.iter()
    }
}

impl From<WebhookSecret> for WebhookSecrets {
    fn from(secret: WebhookSecret) -> Self {
        Self { secrets: vec![secret] }
    }
}

/// Reads one secret, or several with commas between them.
impl FromStr for WebhookSecrets {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        Ok(Self { secrets: text.split(',').map(str::parse).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_secret_is_refused_without_being_shown() {
        let cases = [
            ("", "is empty"),
            ("  \n", "is empty"),
            ("c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXMh", "must begin with whsec_, as Flowglad shows it"),
            ("WHSEC_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXMh", "must begin with whsec_, as Flowglad shows it"),
            ("whsec_", "is too short: 24 bytes are the least"),
            ("whsec_c2VjcmV0", "is too short: 24 bytes are the least"),
            ("whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXM", "must be base64 after whsec_: is it complete?"),
            ("whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXM_", "must be base64 after whsec_: is it complete?"),
            ("whsec_c2FuZGJveC1z ZWNyZXQtMjQtYnl0ZXMh", "must be base64 after whsec_: is it complete?"),
            ("whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXM9=", "must be base64 after whsec_: is it complete?"),
        ];
        for (text, problem) in cases {
            let refused = text.parse::<WebhookSecret>().unwrap_err();
            assert_eq!(refused.problem(), problem, "{text:?}");
        }
    }

    #[test]
    fn a_list_has_no_gaps() {
        let secret = "whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXMh";
        let parse = |text: &str| text.parse::<WebhookSecrets>().map(|secrets| secrets.iter().count());
        assert_eq!(parse(secret), Ok(1));
        assert_eq!(parse(&format!(" {secret} ,\n{secret} ")), Ok(2));
        for text in [String::new(), ",".to_owned(), format!("{secret},"), format!("{secret},whsec_x")] {
            assert!(parse(&text).is_err(), "{text:?}");
        }
    }
}
