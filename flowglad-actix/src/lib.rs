#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod extract;
mod gate;
mod headers;
#[cfg(feature = "usage-recorder")]
mod meter;
mod mount;
mod route;
mod source;
#[cfg(feature = "webhook")]
mod webhook;

pub use extract::{CurrentBilling, Customer, Entitled, ReturnedCheckout};
pub use flowglad_core;
pub use gate::Refusal;
#[cfg(feature = "usage-recorder")]
pub use meter::UsageCounter;
pub use mount::Mount;
pub use source::{CustomerSource, from_extractor};
#[cfg(feature = "webhook")]
pub use webhook::{VerifiedWebhook, webhook};
