//! What concerns several fields at once: rules of objects, and values of several forms.

use serde_json::{Value, json};

use super::{
    Field,
    issue::{Issue, Weight, path_of},
    read_apart,
};

impl Field<'_> {
    /// Adds an issue at a field unless the rule holds. A rule is checked only if everything inside has the right form.
    pub(crate) fn rule(&self, holds: bool, at: &[&'static str], message: &str) {
        if !holds && !self.issues.spoil_the_form_of(&path_of(&self.path)) {
            let place = at.iter().fold(self.clone(), |place, step| place.at(step));
            place.note(Weight::Content, json!({ "code": "custom" }), message);
        }
    }

    /// How many of these fields JavaScript takes for true.
    pub(crate) fn count_truthy(&self, names: &[&'static str]) -> usize {
        names.iter().filter(|name| self.at(name).is_truthy()).count()
    }

    /// How many of these fields are present.
    pub(crate) fn count_present(&self, names: &[&'static str]) -> usize {
        names.iter().filter(|name| self.at(name).is_present()).count()
    }

    /// Reads the place in the first form that fits. If none does, the issues of the only one with the right form are
    /// reported, or else those of all as one issue.
    pub(crate) fn any_of<T>(&self, forms: &[fn(&Field<'_>) -> T]) -> T {
        let mut outcomes: Vec<(T, Vec<Issue>)> = Vec::with_capacity(forms.len());
        for form in forms {
            let outcome = read_apart(self.found, form);
            if outcome.1.is_empty() {
                return outcome.0;
            }
            outcomes.push(outcome);
        }
        self.note_all(&outcomes);
        outcomes.swap_remove(0).0
    }

    fn note_all<T>(&self, outcomes: &[(T, Vec<Issue>)]) {
        let has_right_form = |issues: &&Vec<Issue>| issues.iter().all(|issue| issue.weight == Weight::Content);
        let lists = || outcomes.iter().map(|(_, issues)| issues);
        let mut fitting = lists().filter(has_right_form);
        if let (Some(only), None) = (fitting.next(), fitting.next()) {
            for issue in only {
                self.issues.add(Issue { path: [path_of(&self.path), issue.path.clone()].concat(), ..issue.clone() });
            }
            return;
        }
        let errors: Vec<Vec<Value>> = lists().map(|issues| issues.iter().map(Issue::to_json).collect()).collect();
        self.note(Weight::Form, json!({ "code": "invalid_union", "errors": errors }), "Invalid input");
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_with_issues;
    use serde_json::{Value, json};

    fn issues_of(body: &Value) -> Vec<Value> {
        read_with_issues(body, |root| {
            root.at("name").name();
            root.rule(root.count_truthy(&["a", "b"]) == 1, &["a"], "Give a or b");
        })
        .1
    }

    #[test]
    fn a_rule_waits_until_all_fields_have_the_right_form() {
        assert_eq!(issues_of(&json!({ "name": 7 })).len(), 1);
        assert_eq!(issues_of(&json!({ "name": "", "a": "", "b": "" })).len(), 2, "an empty name has the right form");
        let issues = issues_of(&json!({ "name": "n", "a": "x", "b": "y" }));
        assert_eq!(issues, [json!({ "code": "custom", "path": ["a"], "message": "Give a or b" })]);
        assert!(issues_of(&json!({ "name": "n", "b": "y" })).is_empty());
    }

    #[test]
    fn a_value_of_no_form_has_one_issue_with_those_of_each_form() {
        let body = json!({ "plan": { "seats": [1] }, "note": { "long": "x".repeat(501) } });
        let ((), issues) = read_with_issues(&body, |root| {
            root.at("plan").metadata();
            root.at("note").metadata();
        });
        assert_eq!(issues[0]["path"], json!(["plan", "seats"]));
        assert_eq!(issues[0]["errors"].as_array().unwrap().len(), 3);
        assert_eq!(issues[1]["code"], "too_big", "a text is the one form that fits");
    }
}
