package jwt

import "time"

// SetPause sets the least time between two readings of the keys.
func (v *Verifier) SetPause(d time.Duration) {
	v.keys.mu.Lock()
	defer v.keys.mu.Unlock()
	v.keys.pause = d
}

// Refresh reads the keys as is done now and then.
func (v *Verifier) Refresh() error { return v.keys.refresh(v.keys.open) }

// Known is how many tokens are remembered.
func (v *Verifier) Known() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.known)
}
