//! What a customer must be entitled to, as a value.

use std::borrow::Cow;

use crate::billing::Standing;

/// A slug: the name of a feature, meter, product or resource in code.
pub(super) type Slug = Cow<'static, str>;

/// What a customer must be entitled to.
///
/// ```
/// use flowglad_core::{billing::Standing, gate};
///
/// let export = gate::feature("export_csv");
/// let report = gate::plan("pro").or(gate::purchased("lifetime"));
/// let call = gate::feature("api").and(gate::balance("api_calls", 3)).counting(Standing::paid_up());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Requirement {
    pub(super) rule: Rule,
    pub(super) standing: Option<Standing>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Feature(Slug),
    Balance { meter: Slug, required: u64 },
    PaidPlan,
    Plan(Slug),
    Purchased(Slug),
    Seat(Slug),
    All(Box<[Requirement; 2]>),
    Any(Box<[Requirement; 2]>),
}

/// Requires the toggle feature `slug`, as [`check_feature_access`](crate::Billing::check_feature_access).
pub fn feature(slug: impl Into<Cow<'static, str>>) -> Requirement {
    Rule::Feature(slug.into()).into()
}

/// Requires that at least `required` is available on the usage meter `slug`, as
/// [`check_usage_balance`](crate::Billing::check_usage_balance) finds it.
///
/// A meter on which nothing was ever credited or used has 0 available. A gate counts what this client has recorded and
/// Flowglad does not show yet as spent, but takes nothing from the balance, so that two requests at once may both pass. A
/// [hold](crate::CustomerScope) takes it.
pub fn balance(slug: impl Into<Cow<'static, str>>, required: u64) -> Requirement {
    Rule::Balance { meter: slug.into(), required }.into()
}

/// Requires a plan that is not the free one.
pub fn paid_plan() -> Requirement {
    Rule::PaidPlan.into()
}

/// Requires the plan `product_slug`: the first current subscription has a price of this product.
pub fn plan(product_slug: impl Into<Cow<'static, str>>) -> Requirement {
    Rule::Plan(product_slug.into()).into()
}

/// Requires that the product was bought, as [`has_purchased`](crate::Billing::has_purchased). A purchase counts whatever
/// becomes of subscriptions.
pub fn purchased(product_slug: impl Into<Cow<'static, str>>) -> Requirement {
    Rule::Purchased(product_slug.into()).into()
}

/// Requires that the first current subscription grants at least one unit of a resource, for example a seat.
///
/// `feature_slug` is the slug of any **feature** that grants it, for example `pro_seats`, as for
/// [`capacity`](crate::Billing::capacity): billing does not name resources. It does not list claims either, so a gate cannot
/// say whether a unit is free; claiming one does.
pub fn seat(feature_slug: impl Into<Cow<'static, str>>) -> Requirement {
    Rule::Seat(feature_slug.into()).into()
}

impl From<Rule> for Requirement {
    fn from(rule: Rule) -> Self {
        Self { rule, standing: None }
    }
}

impl Requirement {
    /// Requires both. If neither is met, the refusal is that of the first.
    pub fn and(self, other: Self) -> Self {
        Rule::All(Box::new([self, other])).into()
    }

    /// Requires one of the two. If neither is met, the refusal is that of the first.
    pub fn or(self, other: Self) -> Self {
        Rule::Any(Box::new([self, other])).into()
    }

    /// Sets who counts as entitled: whether a plan whose payment failed still does. By default every current plan counts,
    /// whatever its status, or those that
    /// [`RequestHandler::standing`](crate::action::RequestHandler::standing) says.
    ///
    /// It is asked of all parts of this requirement that have none of their own, but not of
    /// [purchases](purchased).
    pub fn counting(self, standing: Standing) -> Self {
        Self { standing: Some(standing), ..self }
    }

    /// The usage meters of which it requires a balance.
    pub(super) fn meters(&self) -> Vec<&str> {
        match &self.rule {
            Rule::Balance { meter, .. } => vec![meter],
            Rule::All(parts) | Rule::Any(parts) => parts.iter().flat_map(Self::meters).collect(),
            Rule::Feature(_) | Rule::PaidPlan | Rule::Plan(_) | Rule::Purchased(_) | Rule::Seat(_) => Vec::new(),
        }
    }

    /// The kind, for metrics.
    pub(super) fn kind(&self) -> &'static str {
        match self.rule {
            Rule::Feature(_) => "feature",
            Rule::Balance { .. } => "balance",
            Rule::PaidPlan => "paid_plan",
            Rule::Plan(_) => "plan",
            Rule::Purchased(_) => "purchased",
            Rule::Seat(_) => "seat",
            Rule::All(_) => "all_of",
            Rule::Any(_) => "any_of",
        }
    }

    /// The slug, for metrics.
    pub(super) fn slug(&self) -> &str {
        match &self.rule {
            Rule::Feature(slug)
            | Rule::Balance { meter: slug, .. }
            | Rule::Plan(slug)
            | Rule::Purchased(slug)
            | Rule::Seat(slug) => slug,
            Rule::PaidPlan | Rule::All(_) | Rule::Any(_) => "",
        }
    }
}
