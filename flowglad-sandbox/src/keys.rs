//! The API key of a sandbox.

/// The API key of a sandbox that was started without another one.
pub const DEFAULT_API_KEY: &str = "sk_test_sandbox";

/// The id of the API key's own record, whatever the key is: `GET /api-keys/{id}` answers with it.
pub const API_KEY_ID: &str = "apikey_sandboxsandboxsandbox";

/// The secret of a webhook that the program is given without one: `whsec_` and base64.
pub const DEFAULT_WEBHOOK_SECRET: &str = "whsec_Zmxvd2dsYWQtc2FuZGJveC13ZWJob29r";
