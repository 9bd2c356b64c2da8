//! A gate: a requirement, and what happens to a request that does not pass.

use std::sync::Arc;

use crate::gate::{
    requirement::Requirement,
    return_to::{ReturnTo, for_a_header},
    slugs::Entitlement,
};

/// What a gate does with the request of a signed-in user, if it cannot find out what the user is entitled to: Flowglad
/// cannot be read, and nothing is in memory that is fresh enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WhenUnknown {
    /// The request gets a 503 with `Retry-After`. The default.
    #[default]
    Deny,
    /// The request passes, which is logged with `event = "gate_open_without_billing"` and counted. The handler has no
    /// billing then.
    Allow,
}

/// A requirement before a route or a group of routes, and what happens to a request that does not pass. The adapters put
/// it there. Cloning is cheap.
///
/// A [`Requirement`] is a gate that answers with JSON:
///
/// ```
/// use flowglad_core::gate::{self, Gate, WhenUnknown};
///
/// let program: Gate = gate::feature("export_csv").into();
/// let page = Gate::from(gate::feature("export_csv")).redirect_to("/pricing").sign_in_at("/login");
/// let must_work = Gate::from(gate::paid_plan()).when_unknown(WhenUnknown::Allow);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Gate {
    pub(super) requirement: Arc<Requirement>,
    pub(super) when_unknown: WhenUnknown,
    upgrade_url: Option<Arc<str>>,
    plans_page: Option<Arc<str>>,
    sign_in_page: Option<Arc<str>>,
}

impl From<Requirement> for Gate {
    fn from(requirement: Requirement) -> Self {
        Self {
            requirement: Arc::new(requirement),
            when_unknown: WhenUnknown::default(),
            upgrade_url: None,
            plans_page: None,
            sign_in_page: None,
        }
    }
}

/// From a feature or a plan that is a type, for example `mount.gate(ExportCsv)`.
impl<E: Entitlement> From<E> for Gate {
    fn from(_: E) -> Self {
        E::requirement().into()
    }
}

impl Gate {
    /// Sets what happens if it cannot be found out what the user is entitled to.
    pub fn when_unknown(self, when_unknown: WhenUnknown) -> Self {
        Self { when_unknown, ..self }
    }

    /// Sets the URL in `error.json.upgradeUrl` of a refusal. Without it, that of
    /// [`RequestHandler::upgrade_url`](crate::action::RequestHandler::upgrade_url) is there.
    pub fn upgrade_url(self, url: &str) -> Self {
        Self { upgrade_url: Some(url.into()), ..self }
    }

    /// Redirects a GET request of a user who is not entitled to this page (303), with the path of the request as the query
    /// `returnTo`; read that as a [`ReturnTo`]. Other requests get JSON.
    pub fn redirect_to(self, page: &str) -> Self {
        Self { plans_page: Some(for_a_header(page).into()), ..self }
    }

    /// Redirects a GET request of an anonymous caller to this page (303), with the path of the request as the query
    /// `returnTo`; read that as a [`ReturnTo`]. Other requests get JSON.
    pub fn sign_in_at(self, page: &str) -> Self {
        Self { sign_in_page: Some(for_a_header(page).into()), ..self }
    }

    /// What is required.
    pub fn requirement(&self) -> &Requirement {
        &self.requirement
    }

    pub(crate) fn own_upgrade_url(&self) -> Option<&str> {
        self.upgrade_url.as_deref()
    }

    /// Where a user who is not entitled is sent, if anywhere.
    pub(crate) fn plans_location(&self, return_to: &ReturnTo) -> Option<String> {
        self.plans_page.as_deref().map(|page| with_return_to(page, return_to))
    }

    /// Where an anonymous caller is sent, if anywhere.
    pub(crate) fn sign_in_location(&self, return_to: &ReturnTo) -> Option<String> {
        self.sign_in_page.as_deref().map(|page| with_return_to(page, return_to))
    }
}

fn with_return_to(page: &str, return_to: &ReturnTo) -> String {
    let (page, fragment) = page.find('#').map_or((page, ""), |at| page.split_at(at));
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}returnTo={}{fragment}", return_to.to_query_value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::paid_plan;

    #[test]
    fn the_path_is_added_to_the_query_of_the_page() {
        let location =
            |page: &str, path: &str| Gate::from(paid_plan()).redirect_to(page).plans_location(&path.into()).unwrap();
        assert_eq!(location("/pricing", "/reports?a=1"), "/pricing?returnTo=%2Freports%3Fa%3D1");
        assert_eq!(location("/pricing?from=app", "/"), "/pricing?from=app&returnTo=%2F");
        assert_eq!(location("/#plans", "/a&b=c#d"), "/?returnTo=%2Fa%26b%3Dc%23d#plans");
        assert_eq!(location("/pricing\r\nx: y", "/"), "/pricing%0D%0Ax:%20y?returnTo=%2F");
        assert_eq!(location("/pricing", "//evil.example"), "/pricing?returnTo=%2F");
    }
}
