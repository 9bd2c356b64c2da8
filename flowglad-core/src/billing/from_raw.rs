//! Billing from bytes that the app has.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    billing::{
        source::Source,
        view::{Billing, View},
    },
    client::json::{DecodeError, RawJson},
    error::Error,
};

impl Billing {
    /// Reads a billing document that was not just received: one that the app stored, or one that a test wrote. Sends no
    /// request. [`raw`](Self::raw) has the bytes of a document.
    ///
    /// The bytes are checked as those of a response are: they are JSON of a limited depth, and no field that is read
    /// comes twice or has another type. Whose document it is cannot be checked here. Compare
    /// `billing.customer().external_id` with the id that you stored it under.
    ///
    /// Its [source](Self::source) is [`Source::Cache`] and its [age](Self::age) is zero, whatever the age of the bytes.
    ///
    /// # Errors
    /// [`Error::Decode`] with the path of the field that is wrong.
    ///
    /// # Examples
    /// ```
    /// use flowglad_core::Billing;
    ///
    /// let document = r#"{
    ///     "customer": {"id": "cust_1", "externalId": "user_42", "email": "ada@example.com", "createdAt": 0, "updatedAt": 0},
    ///     "pricingModel": {"id": "pricing_model_1"}
    /// }"#;
    /// let billing = Billing::from_raw(document)?;
    /// assert!(!billing.check_feature_access("export_csv"));
    /// # Ok::<(), flowglad_core::Error>(())
    /// ```
    pub fn from_raw(document: impl Into<Bytes>) -> Result<Self, Error> {
        Self::decode(document.into()).map_err(|error| error.into_local_error("billing.from_raw"))
    }

    fn decode(document: Bytes) -> Result<Self, DecodeError> {
        let raw = RawJson::new(document)?;
        let view = Arc::new(View::decode(&raw)?);
        Ok(Self { view, raw, source: Source::Cache, age: Duration::ZERO, began: None })
    }
}
