package access

import (
	"net/netip"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Failed attempts to get in are bounded, for each address and for each account,
// at all doors together. Whoever has used up what it has is refused before its
// password is looked at. Application tokens are looked at always, for nobody
// guesses 256 bits, and a client with a good one must not suffer from another one
// behind the same address; but what comes of a bad one then is the same refusal.

const (
	// addressAttempts may fail at once from one address; one more each addressPause.
	addressAttempts = 20
	addressPause    = 3 * time.Second
	// accountAttempts may fail at once on one account, from wherever.
	accountAttempts = 50
	accountPause    = 2 * time.Second
	// maxAttempters bounds how many addresses, and how many accounts, are
	// remembered. When there are more those that failed least make room.
	maxAttempters = 10_000
	// attemptPrefix is the length of the IPv6 networks that count as one address.
	attemptPrefix = 64
)

// TooManyAttemptsError refuses a login because of those that failed before. To
// clients that know no better it is bad credentials.
type TooManyAttemptsError struct {
	refusal *cqlerr.Error
	retry   time.Duration
}

// Error is the text for the client.
func (e *TooManyAttemptsError) Error() string { return e.refusal.Error() }

// Unwrap returns the CQL error, 0x0100.
func (e *TooManyAttemptsError) Unwrap() error { return e.refusal }

// RetryAfter is how long to wait before the next attempt, whole seconds.
func (e *TooManyAttemptsError) RetryAfter() time.Duration { return e.retry }

func tooManyAttempts(wait time.Duration) error {
	wait = max(wait, time.Second).Round(time.Second)
	return &TooManyAttemptsError{cqlerr.New(cqlerr.BadCredentials, "Too many failed login attempts, try again later"), wait}
}

// attempts counts failed attempts.
type attempts struct {
	mu        sync.Mutex
	addresses bucket[netip.Prefix]
	accounts  bucket[string]
}

// bucket holds, for each key, the time until which it has used up its attempts: a
// failure moves it on by pause, and more than all attempts ahead of now is too far.
type bucket[K comparable] struct {
	burst int
	pause time.Duration
	used  map[K]time.Time
}

// wait is how long key has to wait for its next attempt.
func (b *bucket[K]) wait(key K, now time.Time) time.Duration {
	until, known := b.used[key]
	if !known || until.Before(now) {
		return 0
	}
	return until.Sub(now) - time.Duration(b.burst-1)*b.pause
}

// fail counts a failure of key.
func (b *bucket[K]) fail(key K, now time.Time) {
	if b.used == nil {
		b.used = map[K]time.Time{}
	}
	until, known := b.used[key]
	if !known && len(b.used) >= maxAttempters {
		b.makeRoom(now)
	}
	if until.Before(now) {
		until = now
	}
	if until = until.Add(b.pause); until.Sub(now) <= time.Duration(b.burst)*b.pause {
		b.used[key] = until
	}
}

// makeRoom forgets those that have all their attempts again, or else one that has
// failed less than most: of some that the map's order picks, the least.
func (b *bucket[K]) makeRoom(now time.Time) {
	const looked = 16
	var least K
	var at time.Time
	n := 0
	for key, until := range b.used {
		if until.Before(now) {
			delete(b.used, key)
			return
		}
		if n == 0 || until.Before(at) {
			least, at = key, until
		}
		if n++; n == looked {
			break
		}
	}
	delete(b.used, least)
}

func newAttempts() *attempts {
	return &attempts{
		addresses: bucket[netip.Prefix]{burst: addressAttempts, pause: addressPause},
		accounts:  bucket[string]{burst: accountAttempts, pause: accountPause},
	}
}

// wait is how long a client has to wait before it may try an account, "" for
// none; 0 or less if it need not.
func (a *attempts) wait(client netip.Addr, account string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	wait := time.Duration(0)
	if network, ok := networkOf(client); ok {
		wait = a.addresses.wait(network, now)
	}
	if account != "" {
		wait = max(wait, a.accounts.wait(account, now))
	}
	return wait
}

// fail counts a failed attempt.
func (a *attempts) fail(client netip.Addr, account string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if network, ok := networkOf(client); ok {
		a.addresses.fail(network, now)
	}
	if account != "" {
		a.accounts.fail(account, now)
	}
}

// networkOf is what counts as one address: an IPv4 address, or the network that
// an IPv6 client has for itself. ok is false when the address is not known.
func networkOf(client netip.Addr) (netip.Prefix, bool) {
	if !client.IsValid() {
		return netip.Prefix{}, false
	}
	bits := client.BitLen()
	if client.Is6() {
		bits = attemptPrefix
	}
	p, err := client.Prefix(bits)
	return p, err == nil
}
