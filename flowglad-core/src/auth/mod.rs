//! Who is signed in, by the session or token of a sign-in provider. Feature `auth`, and one feature per provider.
//!
//! A [`Provider`] gets the headers of a request and returns who is signed in. It decides nothing about billing: the app makes
//! a customer of the [`SignedIn`] user or of the user's organization.

// What some of the providers share is not used without them.
#![cfg_attr(
    not(all(
        feature = "auth-authjs",
        feature = "auth-better-auth",
        feature = "auth-clerk",
        feature = "auth-supabase"
    )),
    allow(dead_code)
)]

#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod address;
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
#[cfg(feature = "auth-clerk")]
mod clerk;
#[cfg(feature = "auth-clerk")]
mod clerk_users;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod cookies;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod http;
#[cfg(feature = "auth-authjs")]
mod jwe;
#[cfg(feature = "auth-jwt")]
mod jwt;
#[cfg(feature = "auth-jwt")]
mod key_set;
#[cfg(feature = "auth-jwt")]
mod keys;
#[cfg(feature = "auth-jwt")]
mod not_identified;
mod provider;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod refusal;
#[cfg(any(feature = "auth-authjs", feature = "auth-better-auth"))]
mod session_cookie;
#[cfg(any(feature = "auth-authjs", feature = "auth-better-auth"))]
mod session_endpoint;
#[cfg(any(feature = "auth-authjs", feature = "auth-better-auth"))]
mod session_memory;
mod sign_in;
#[cfg(feature = "auth-supabase")]
mod supabase;
#[cfg(feature = "auth-supabase")]
mod supabase_cookie;
#[cfg(feature = "auth-jwt")]
mod token;
#[cfg(feature = "auth-jwt")]
mod token_secret;
#[cfg(feature = "auth-jwt")]
mod token_verifier;
#[cfg(any(feature = "auth-authjs", feature = "auth-jwt"))]
mod variable;
#[cfg(feature = "auth-jwt")]
mod verification_key;

#[cfg(feature = "auth-authjs")]
pub use authjs::AuthJs;
#[cfg(feature = "auth-better-auth")]
pub use better_auth::BetterAuth;
#[cfg(feature = "auth-clerk")]
pub use clerk::Clerk;
#[cfg(feature = "auth-jwt")]
pub use jwt::Jwt;
#[cfg(feature = "auth-jwt")]
pub use key_set::KeySet;
pub use provider::{Organization, Provider, SignedIn, Unavailable};
pub use sign_in::SignIn;
#[cfg(feature = "auth-supabase")]
pub use supabase::Supabase;
#[cfg(feature = "auth-jwt")]
pub use token_secret::TokenSecret;
#[cfg(feature = "auth-jwt")]
pub use token_verifier::TokenKeys;
