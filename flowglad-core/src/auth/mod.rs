//! Who is signed in, by the session or token of a sign-in provider. Feature `auth`, and one feature per provider.
//!
//! A [`Provider`] gets the headers of a request and returns who is signed in. It decides nothing about billing: the app makes
//! a customer of the [`SignedIn`] user or of the user's organization.

// What some of the providers share is not used without them.
#![cfg_attr(not(all(feature = "auth-authjs", feature = "auth-better-auth", feature = "auth-clerk")), allow(dead_code))]

#[cfg(feature = "auth-authjs")]
mod authjs;
#[cfg(feature = "auth-authjs")]
mod authjs_keys;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod bearer;
#[cfg(feature = "auth-better-auth")]
mod better_auth;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod claims;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod cookies;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod http;
#[cfg(feature = "auth-authjs")]
mod jwe;
mod provider;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod refusal;
#[cfg(any(feature = "auth-authjs", feature = "auth-better-auth"))]
mod session_cookie;
#[cfg(any(feature = "auth-authjs", feature = "auth-better-auth"))]
mod session_endpoint;
#[cfg(any(feature = "auth-authjs", feature = "auth-better-auth"))]
mod session_memory;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod variable;

#[cfg(feature = "auth-authjs")]
pub use authjs::AuthJs;
#[cfg(feature = "auth-better-auth")]
pub use better_auth::BetterAuth;
pub use provider::{Details, Organization, Provider, SignedIn, Unavailable};
