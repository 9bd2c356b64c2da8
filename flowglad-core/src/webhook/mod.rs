//! Webhooks: deliveries of events from Flowglad that are verified, typed, and handled once. Feature `webhook`.
//!
//! [`WebhookReceiver`] is the whole of it, and the adapters make a route of it. Its parts can be used alone:
//! [`WebhookSecrets::verify`] checks a delivery, [`VerifiedDelivery::event`] decodes it, [`WebhookEvent::read_back`] fetches
//! the record that it is about, and a [`DeliveryLog`] remembers what was handled.
//!
//! ```
//! use flowglad_core::{Flowglad, webhook::{WebhookEvent, WebhookObject, WebhookReceiver, WebhookSecrets}};
//!
//! # fn run(flowglad: &Flowglad) -> Result<(), flowglad_core::Error> {
//! let receiver = WebhookReceiver::new(flowglad, WebhookSecrets::from_env()?, on_event);
//! # Ok(()) }
//!
//! async fn on_event(event: WebhookEvent) -> Result<(), std::io::Error> {
//!     if event.object == WebhookObject::Payment {
//!         println!("payment {} has changed", event.id);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! An event can be lost before it is sent, so an app must not depend on webhooks alone: it reads billing, and an event makes
//! that happen sooner.

mod delivery_log;
mod event;
mod handler;
mod memory_log;
mod read_back;
mod receiver;
mod secret;
mod verifier;
mod verify;

pub use delivery_log::{Claim, Claimed, DeliveryLog};
pub use event::{InvalidEvent, WebhookCustomer, WebhookEvent, WebhookObject};
pub use handler::Handled;
pub use memory_log::MemoryDeliveryLog;
pub use read_back::WebhookRecord;
pub use receiver::WebhookReceiver;
pub use secret::{WebhookSecret, WebhookSecrets};
pub use verifier::WebhookVerifier;
pub use verify::{NotVerified, VerifiedDelivery};
