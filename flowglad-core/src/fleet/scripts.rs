//! The scripts that run in the server, each of which is one step for all instances.

use std::sync::LazyLock;

use redis::Script;

/// Each begins with what they share.
macro_rules! scripts {
    ($($name:ident = $file:literal;)*) => {
        $(pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(include_str!("lua/book.lua"), include_str!(concat!("lua/", $file))))
        });)*
    };
}

scripts! {
    APPEND = "append.lua";
    BEAT = "beat.lua";
    BEGIN = "begin.lua";
    CLAIM_DELIVERY = "claim_delivery.lua";
    CLOSE = "close.lua";
    DEAD_LETTERS = "dead_letters.lua";
    DELIVERED_ALONE = "delivered_alone.lua";
    END = "end.lua";
    EVERYONE = "everyone.lua";
    GIVE_BACK = "give_back.lua";
    HOLD = "hold.lua";
    LOAD_BILLING = "load_billing.lua";
    RELEASE_DELIVERY = "release_delivery.lua";
    SAVE_BILLING = "save_billing.lua";
    TAKE = "take.lua";
}
