//! The end of usage that was delivered, or never will be.

use bytes::Bytes;

use crate::{
    cache::StoreError,
    fleet::{
        contents::Contents,
        scripts,
        taken::{Place, TakenRecord},
        usage::{FORWARD, FleetUsage, GROUP},
    },
    outbox::Ended,
};

impl FleetUsage {
    pub(super) async fn end_all(&self, ended: Ended) -> Result<(), StoreError> {
        let (mut of_local, mut alone, mut refused, mut in_stream) = (Ended::default(), Vec::new(), Vec::new(), false);
        let mut script = self.end_script();
        {
            let taken = self.taken();
            let delivered = ended.delivered.iter().map(|sequence| (sequence, None));
            let dead = ended.dead.iter().map(|(sequence, reason)| (sequence, Some(reason)));
            for (sequence, reason) in delivered.chain(dead) {
                let Some(record) = taken.get(*sequence) else { continue };
                match (&record.place, reason) {
                    (Place::Stream(id), reason) => {
                        in_stream = true;
                        self.add_ended(&mut script, id, record, reason);
                    }
                    (Place::Local(local), None) => {
                        of_local.delivered.push(*local);
                        alone.push(Contents::of(&record.bytes));
                    }
                    (Place::Local(local), Some(reason)) => {
                        of_local.dead.push((*local, reason.clone()));
                        refused.push(Contents::of(&record.bytes));
                    }
                }
            }
        }
        if in_stream {
            let (pending, bytes, dead): (u64, u64, u64) = self.shared.link.invoke(&script).await?;
            self.book.note(pending, bytes, dead);
        }
        if let Some(local) = self.local.as_ref().filter(|_| of_local != Ended::default()) {
            local.end(of_local).await?;
            alone.iter().filter_map(Contents::usage).for_each(|usage| self.delivered_alone.add(usage));
            refused.iter().filter_map(Contents::usage).for_each(|usage| self.delivered_alone.add_refused(usage));
            self.book.left_here(alone.iter().filter_map(Contents::entry));
            self.note_local(&**local).await;
            self.say_delivered_alone().await;
        }
        let mut taken = self.taken();
        for sequence in ended.delivered.iter().chain(ended.dead.iter().map(|(sequence, _)| sequence)) {
            taken.remove(*sequence);
        }
        Ok(())
    }

    /// Enters into the book what was delivered from the local outbox: now, or when the server is back.
    pub(super) async fn say_delivered_alone(&self) {
        // What one says another must not say too.
        let _one = self.saying.lock().await;
        loop {
            let some = self.delivered_alone.first(FORWARD);
            if some.is_empty() {
                return;
            }
            let mut script = scripts::DELIVERED_ALONE.prepare_invoke();
            script.arg(self.book.oldest_read());
            for (of, sum) in &some {
                script.key(self.book.key_of_book(&of.customer)).key(self.book.key_of_holds(&of.customer));
                script.arg(&*of.meter).arg(sum.0).arg(&*of.hold);
            }
            if self.shared.link.invoke::<u64>(&script).await.is_err() {
                return;
            }
            self.delivered_alone.said(&some);
        }
    }

    fn end_script(&self) -> redis::ScriptInvocation<'static> {
        let mut script = scripts::END.key(self.stream());
        script.key(self.bytes()).key(self.dead_letters()).key(self.shared.keys.usage("last_dead_letter"));
        script.arg(GROUP).arg(self.book.oldest_read());
        script
    }

    fn add_ended(
        &self,
        script: &mut redis::ScriptInvocation<'_>,
        id: &str,
        record: &TakenRecord,
        reason: Option<&Bytes>,
    ) {
        let contents = Contents::of(&record.bytes);
        script.key(self.book.key_of_book(contents.customer()));
        script.arg(if reason.is_none() { "d" } else { "x" }).arg(id).arg(contents.meter());
        script.arg(contents.amount()).arg(record.recorded_at.as_millis());
        script.arg(&record.bytes[..]).arg(reason.map(|reason| &reason[..]).unwrap_or_default());
    }
}
