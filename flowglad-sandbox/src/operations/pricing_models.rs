//! `/pricing-models`: sets up, creates, clones, exports and shows pricing models.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        cloned_model,
        input::{self, Field},
        page,
        reply::Reply,
        setup_document, setup_form_reader,
    },
    records::pricing::{IntervalUnit, PricingModel},
    refusal::Refusal,
    rules::{
        pricing::{
            export, pricing_model, replacement,
            setup::{self, Slugs},
            setup_check,
            setup_form::SetupForm,
        },
        scope,
    },
    store::Store,
};

pub(crate) fn default(store: &mut Store, _call: &Call) -> Result<Reply, Refusal> {
    let model = all(store).find(|model| model.is_default);
    let model = model.ok_or_else(|| Refusal::rule_not_found("Default pricing model not found"))?;
    Ok(model_reply(store, model))
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    require(store, call.param("id")).map(|model| model_reply(store, model))
}

/// Creates a whole model and shows it. From then on the API key belongs to it, unless the sandbox keeps it where it is.
pub(crate) fn setup(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (form, issues) = setup_form_reader::read(&call.input);
    if !issues.is_empty() {
        return Err(Refusal::bad_request(issues));
    }
    setup_check::check(&form)?;
    let id = setup::set_up(store, &form);
    let model = require(store, &id)?;
    Ok(Reply::json(&json!({ "pricingModel": pricing_model::view(store, model) })))
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, all(store), |model| model)
}

/// Creates a model with a free plan. The API key stays with its own model.
pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (name, is_default, interval_unit) = input::read(call, |root| {
        let model = root.object("pricingModel");
        let is_default = model.at("isDefault").optional(Field::boolean).unwrap_or(false);
        let name = model.at("name").name();
        let unit = root.at("defaultPlanIntervalUnit").optional(|unit| unit.choice(&IntervalUnit::CHOICES)).flatten();
        (name, is_default, unit)
    })?;
    let id = setup::make_empty(store, name, is_default);
    setup::make_product(store, &id, &setup::free_plan(interval_unit), &Slugs::new());
    require(store, &id).map(|model| Reply::json(&json!({ "pricingModel": model })))
}

/// Changes a model's name and default flag, or replaces its content if the body has all parts.
pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let changes = input::read(call, |root| model_changes(&root.object("pricingModel")))?;
    require(store, id)?;
    if let Some(contents) = &changes.contents {
        if id != store.key_model_id {
            return Err(Refusal::not_inserted("features"));
        }
        replacement::replace(store, contents)?;
    }
    let now = store.now();
    store.tables.pricing_models.change(id, now, |model| {
        model.name = changes.name;
        model.is_default &= changes.is_default.unwrap_or(true);
    });
    if changes.is_default == Some(true) {
        setup::make_default(store, id);
    }
    require(store, id).map(|model| Reply::json(&json!({ "pricingModel": model })))
}

/// The changes of a model.
#[derive(Debug)]
struct ModelChanges {
    name: String,
    is_default: Option<bool>,
    contents: Option<SetupForm>,
}

fn model_changes(model: &Field<'_>) -> ModelChanges {
    const PARTS: [&str; 4] = ["features", "products", "usageMeters", "resources"];
    model.at("id").string();
    let is_default = model.at("isDefault").optional(Field::boolean);
    let name = model.at("name").label();
    let contents = setup_form_reader::parts(model, PARTS.map(|part| model.at(part).is_present()));
    let missing: Vec<&str> = PARTS.into_iter().filter(|part| !model.at(part).is_present()).collect();
    let has_all = missing.is_empty();
    let message = format!(
        "Full structure update requires all structure fields to be provided. Missing: {}. For metadata-only updates, \
         omit all structure fields.",
        missing.join(", ")
    );
    model.rule(has_all || missing.len() == PARTS.len(), &[], &message);
    let contents =
        has_all.then(|| SetupForm { name: name.clone(), is_default: is_default.unwrap_or(false), ..contents });
    ModelChanges { name, is_default, contents }
}

/// Copies what can be bought in a model into a new one. Only this response shows what is in it.
pub(crate) fn clone_model(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (livemode, name) = input::read(call, |root| {
        let name = root.at("name").string();
        let choices = [("livemode", true), ("testmode", false)];
        let livemode = root.at("destinationEnvironment").optional(|word| word.choice(&choices)).flatten();
        (livemode.unwrap_or(false), name)
    })?;
    let source = find(store, call.param("id")).ok_or_else(|| {
        Refusal::not_found(
            "The pricing model you are trying to clone either does not exist or you do not have permission to clone it.",
        )
    })?;
    if livemode && store.tables.pricing_models.iter().any(|model| model.meta.livemode) {
        return Err(Refusal::rule(
            "Cannot clone to livemode: Your organization already has a livemode pricing model. Each organization can \
             have at most one livemode pricing model. To clone this pricing model, please select \"Test mode\" as the \
             destination environment instead.",
        ));
    }
    let source_id = source.meta.id.clone();
    let form = SetupForm { name, is_default: false, ..export::form_of(store, source) };
    let id = setup::make(store, &form);
    if livemode {
        setup::make_live(store, &id);
    }
    let clone = store.tables.pricing_models.find(&id).ok_or_else(|| unknown(&id))?;
    Ok(Reply::json(&json!({ "pricingModel": cloned_model::view(store, clone, &source_id) })))
}

/// Exports a model as the setup document of an equal one.
pub(crate) fn export(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let model = find(store, id).ok_or_else(|| Refusal::not_found(format!("Pricing model {id} not found")))?;
    let form = export::exported(store, model)?;
    // Products and prices can have names that a setup form cannot, such as empty ones.
    let (_, issues) = setup_form_reader::read(&setup_document::document(&form));
    if !issues.is_empty() {
        return Err(Refusal::rule("Output validation failed"));
    }
    setup_check::check_export(&form)?;
    let document = setup_document::with_nulls(&form);
    Ok(Reply::json(&json!({ "pricingModel": document, "updatedAt": model.meta.updated_at })))
}

/// The models that the key sees: those in test mode, as it is.
fn all(store: &Store) -> impl Iterator<Item = &PricingModel> {
    store.tables.pricing_models.iter().filter(|model| !model.meta.livemode)
}

fn find<'a>(store: &'a Store, id: &str) -> Option<&'a PricingModel> {
    store.tables.pricing_models.find(id).filter(|model| !model.meta.livemode)
}

fn require<'a>(store: &'a Store, id: &str) -> Result<&'a PricingModel, Refusal> {
    find(store, id).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Refusal {
    Refusal::rule_not_found(format!("Pricing Model {id} not found"))
}

/// Shows a model. A key sees every model, but not the content of all.
fn model_reply(store: &Store, model: &PricingModel) -> Reply {
    let view = if scope::sees_inside(store, model) {
        pricing_model::view(store, model)
    } else {
        pricing_model::empty_view(model)
    };
    Reply::json(&json!({ "pricingModel": view }))
}
