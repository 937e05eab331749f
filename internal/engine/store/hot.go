package store

import "sync/atomic"

// hotKeys notices keys that are written again and again, so that their
// operands are folded even if nobody reads them. It is a small table of
// (fingerprint, count): writes of a slot's own key count up, those of other
// keys that fall into it count down and then take it over, so keys that are
// written once or twice do not add up.
type hotKeys struct{ slots [1024]atomic.Uint64 }

const hotCountBits = 8

// touch counts a write of the key with that hash and reports whether it is
// time to fold it. Concurrent writers may lose a count; that does no harm.
func (h *hotKeys) touch(hash uint64) bool {
	slot := &h.slots[hash%uint64(len(h.slots))]
	v := slot.Load()
	fingerprint, count := hash>>hotCountBits, v&(1<<hotCountBits-1)
	switch {
	case v>>hotCountBits != fingerprint && count > 1:
		slot.Store(v - 1)
	case v>>hotCountBits != fingerprint:
		slot.Store(fingerprint<<hotCountBits | 1)
	case count >= maxChain:
		slot.Store(fingerprint << hotCountBits)
		return true
	default:
		slot.Store(v + 1)
	}
	return false
}
