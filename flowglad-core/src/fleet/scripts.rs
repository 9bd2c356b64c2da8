//! The scripts that run in the server, each of which is one step for all instances.

use std::sync::LazyLock;

use redis::Script;

macro_rules! scripts {
    ($($name:ident = $file:literal;)*) => {
        $(pub(super) static $name: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!(concat!("lua/", $file))));)*
    };
}

scripts! {
    BEAT = "beat.lua";
    EVERYONE = "everyone.lua";
    LOAD_BILLING = "load_billing.lua";
    SAVE_BILLING = "save_billing.lua";
}
