//! The pricing model that a sandbox starts with.

use serde_json::Value;

use crate::{
    operations::{setup_document, setup_form_reader},
    published_form,
    rules::pricing::{
        setup_check::{self, BrokenRule},
        setup_form::SetupForm,
    },
};

/// The pricing model that a sandbox starts with, as its default model.
///
/// # Examples
/// ```
/// use flowglad_sandbox::PricingModel;
///
/// let pricing_model = PricingModel::from_json(r#"{ "name": "Nothing yet", "features": [], "products": [], "usageMeters": [] }"#)?;
/// # let _ = pricing_model;
/// let error = PricingModel::from_json(r#"{ "name": "", "products": [] }"#).unwrap_err();
/// assert!(error.to_string().contains("features"));
/// # Ok::<(), flowglad_sandbox::PricingModelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PricingModel {
    form: SetupForm,
    notes: Vec<String>,
}

/// Why a document is not a pricing model. The message lists every problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a pricing model: {}", .problems.join("; "))]
#[non_exhaustive]
pub struct PricingModelError {
    /// The problems, one sentence each, with the path of the field if there is one.
    pub problems: Vec<String>,
}

impl PricingModel {
    /// A small software product: Free, Pro at 20 dollars a month or 200 a year, a pack of credits, seats, and a meter with a
    /// price for what is used beyond the credits.
    ///
    /// A product has one price in Flowglad, so that Pro by the year is a product of its own, "Pro yearly".
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the file is part of the crate, and a test reads it")]
    pub fn starter_saas() -> Self {
        Self::from_json(include_str!("../pricing_models/starter_saas.json")).expect("a test reads this file")
    }

    /// Reads a pricing model in the form of the API's setup operation, of an export, or of an older published file: see
    /// [`notes`](Self::notes).
    ///
    /// # Errors
    /// [`PricingModelError`] with all problems, if the text is not JSON or not a pricing model.
    pub fn from_json(json: &str) -> Result<Self, PricingModelError> {
        let body: Value = serde_json::from_str(json)
            .map_err(|error| PricingModelError { problems: vec![format!("not JSON: {error}")] })?;
        Self::from_document(body)
    }

    /// As [`from_json`](Self::from_json), from YAML.
    ///
    /// # Errors
    /// [`PricingModelError`] with all problems, if the text is not YAML or not a pricing model.
    ///
    /// # Examples
    /// ```
    /// use flowglad_sandbox::PricingModel;
    ///
    /// let pricing_model = PricingModel::from_yaml(r#"
    /// name: One plan
    /// features: []
    /// usageMeters: []
    /// products:
    ///   - product: { name: Pro, slug: pro, active: true }
    ///     price: { type: subscription, slug: pro_monthly, unitPrice: 2000, intervalUnit: month, intervalCount: 1,
    ///              isDefault: true, active: true }
    ///     features: []
    /// "#)?;
    /// # let _ = pricing_model;
    /// # Ok::<(), flowglad_sandbox::PricingModelError>(())
    /// ```
    pub fn from_yaml(yaml: &str) -> Result<Self, PricingModelError> {
        let body: Value = serde_saphyr::from_str(yaml)
            .map_err(|error| PricingModelError { problems: vec![format!("not YAML: {error}")] })?;
        Self::from_document(body)
    }

    /// What was converted from an older form, one sentence each: usage prices that were prices of products, for example.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The pricing model as JSON, in the form that [`from_json`](Self::from_json) and the API's setup operation read.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}", setup_document::document(&self.form))
    }

    fn from_document(body: Value) -> Result<Self, PricingModelError> {
        let (body, notes) = published_form::to_setup_form(body);
        let (mut form, issues) = setup_form_reader::read(&body);
        let problems: Vec<String> = if issues.is_empty() {
            setup_check::broken_rules(&form).into_iter().map(BrokenRule::sentence).collect()
        } else {
            issues.iter().map(sentence_with_place).collect()
        };
        if !problems.is_empty() {
            return Err(PricingModelError { problems });
        }
        form.is_default = true;
        Ok(Self { form, notes })
    }

    pub(crate) fn form(&self) -> &SetupForm {
        &self.form
    }
}

/// Needs the feature `flowglad-core`. Without it, hand the JSON of a `PricingModelSetup` to [`PricingModel::from_json`].
///
/// ```
/// use flowglad_core::api::{PricingModelSetup, SetupPrice, SetupProduct};
/// use flowglad_core::model::IntervalUnit;
/// use flowglad_sandbox::PricingModel;
///
/// let mut setup = PricingModelSetup::new("My plans");
/// let price = SetupPrice::every("team_monthly", IntervalUnit::Month, 4900);
/// setup.products.push(SetupProduct::new("team", "Team", price, [""; 0]));
/// let pricing_model = PricingModel::try_from(&setup)?;
/// # let _ = pricing_model;
/// # Ok::<(), flowglad_sandbox::PricingModelError>(())
/// ```
#[cfg(feature = "flowglad-core")]
impl TryFrom<&flowglad_core::api::PricingModelSetup> for PricingModel {
    type Error = PricingModelError;

    /// # Errors
    /// [`PricingModelError`] with all rules of a pricing model that it breaks.
    fn try_from(setup: &flowglad_core::api::PricingModelSetup) -> Result<Self, Self::Error> {
        let body =
            serde_json::to_value(setup).map_err(|error| PricingModelError { problems: vec![error.to_string()] })?;
        Self::from_document(body)
    }
}

impl Default for PricingModel {
    fn default() -> Self {
        Self::starter_saas()
    }
}

fn sentence_with_place(issue: &Value) -> String {
    let steps = issue["path"].as_array().map(Vec::as_slice).unwrap_or_default();
    let place: Vec<String> =
        steps.iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned)).collect();
    let place = if place.is_empty() { "the whole".to_owned() } else { place.join(".") };
    format!("{place}: {}", issue["message"].as_str().unwrap_or("is wrong"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_model_is_small() {
        assert_eq!(PricingModel::starter_saas().form().products.len(), 4);
    }

    #[test]
    fn all_problems_of_a_model_are_named() {
        let error = PricingModel::from_json(r#"{ "name": 1, "features": [{ "type": "toggle" }], "products": [] }"#)
            .unwrap_err();
        assert!(error.problems.iter().any(|problem| problem.starts_with("name: ")), "{error}");
        assert!(error.problems.iter().any(|problem| problem.starts_with("features.0.slug: ")), "{error}");
        assert!(error.problems.iter().any(|problem| problem.starts_with("usageMeters: ")), "{error}");
    }

    #[test]
    fn a_document_that_is_no_object_is_named_as_a_whole() {
        assert!(PricingModel::from_json("[]").unwrap_err().problems[0].starts_with("the whole: "));
    }

    #[test]
    fn parts_that_do_not_fit_together_are_named() {
        let error = PricingModel::from_json(
            r#"{ "name": "x", "features": [{ "type": "usage_credit_grant", "slug": "a", "name": "a", "description": "",
                 "amount": 1, "renewalFrequency": "once", "usageMeterSlug": "nope" }],
                 "products": [{ "product": { "name": "P", "slug": "p", "active": true, "default": true },
                 "price": { "type": "single_payment", "unitPrice": 5, "isDefault": true, "active": true },
                 "features": ["b"] }], "usageMeters": [] }"#,
        )
        .unwrap_err();
        assert_eq!(error.problems.len(), 4, "{error}");
    }
}
