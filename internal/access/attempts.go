package access

import (
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Failed attempts to get in are bounded at all doors together: those from one
// address, those from one address on one account, and those on one account from
// all addresses that nobody has logged in to it from. So whoever guesses, be it from
// many addresses, keeps the account's own people out of new places at most.
//
// Whoever has used up what it has is refused before its password is looked at.
// Application tokens are looked at always, for nobody guesses 256 bits, and a client
// with a good one must not suffer from another one behind the same address; but what
// comes of a bad one then is the same refusal. In a login it is a password like others,
// and waits its turn.

const (
	// addressAttempts may fail at once from one address; one more each addressPause.
	addressAttempts = 20
	addressPause    = 3 * time.Second
	// pairAttempts may fail at once from one address on one account. They are fewer,
	// so that a client with an old password leaves some to others at its address.
	pairAttempts = 10
	pairPause    = 6 * time.Second
	// accountAttempts may fail at once on one account from all addresses that it is
	// not known from.
	accountAttempts = 50
	accountPause    = 2 * time.Second
	// knownFor is how long an account is known from an address after a login.
	knownFor = 30 * 24 * time.Hour
	// maxAttempters bounds how many addresses, accounts, and pairs of them are
	// remembered. When there are more those that failed least make room.
	maxAttempters = 10_000
	// attemptPrefix is the length of the IPv6 networks that count as one address.
	attemptPrefix = 64
)

// passwordChecks bounds how many passwords are checked at a time, each of which
// takes a processor for some 50 ms: requests then have their share of them, whatever
// comes to log in, and of many attempts at once at most so many are too many.
var passwordChecks = make(chan struct{}, runtime.GOMAXPROCS(0))

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
	pairs     bucket[pair]
	accounts  bucket[string]
	// known holds when somebody last logged in.
	known map[pair]time.Time
}

// pair is an address, the zero one if it is not known, and an account.
type pair struct {
	address netip.Prefix
	account string
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
		b.makeRoom()
	}
	if until.Before(now) {
		until = now
	}
	if until = until.Add(b.pause); until.Sub(now) <= time.Duration(b.burst)*b.pause {
		b.used[key] = until
	}
}

// makeRoom forgets one that has all its attempts again, or else one that has failed
// less than most.
func (b *bucket[K]) makeRoom() { delete(b.used, leastOf(b.used)) }

// leastOf returns the key with the earliest time of some that the map's order picks.
func leastOf[K comparable](times map[K]time.Time) (least K) {
	const looked = 16
	var at time.Time
	n := 0
	for key, t := range times {
		if n == 0 || t.Before(at) {
			least, at = key, t
		}
		if n++; n == looked {
			break
		}
	}
	return least
}

func newAttempts() *attempts {
	return &attempts{
		addresses: bucket[netip.Prefix]{burst: addressAttempts, pause: addressPause},
		pairs:     bucket[pair]{burst: pairAttempts, pause: pairPause},
		accounts:  bucket[string]{burst: accountAttempts, pause: accountPause},
		known:     map[pair]time.Time{},
	}
}

// wait is how long a client has to wait before it may try an account, "" for
// none; 0 or less if it need not.
func (a *attempts) wait(client netip.Addr, account string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	network, hasAddress := networkOf(client)
	wait := time.Duration(0)
	if hasAddress {
		wait = a.addresses.wait(network, now)
	}
	if account == "" {
		return wait
	}
	both := pair{network, account}
	wait = max(wait, a.pairs.wait(both, now))
	if !a.isKnown(both, now) {
		wait = max(wait, a.accounts.wait(account, now))
	}
	return wait
}

// fail counts a failed attempt.
func (a *attempts) fail(client netip.Addr, account string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	network, hasAddress := networkOf(client)
	if hasAddress {
		a.addresses.fail(network, now)
	}
	if account == "" {
		return
	}
	both := pair{network, account}
	a.pairs.fail(both, now)
	if !a.isKnown(both, now) {
		a.accounts.fail(account, now)
	}
}

// isKnown reports whether somebody has logged in to the account from the address.
func (a *attempts) isKnown(p pair, now time.Time) bool {
	at, known := a.known[p]
	return known && now.Sub(at) <= knownFor
}

// succeed notes a login: the account is known from the client's address then.
// When there are too many one that was last seen earlier than most makes room.
func (a *attempts) succeed(client netip.Addr, account string, now time.Time) {
	network, hasAddress := networkOf(client)
	if !hasAddress {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p := pair{network, account}
	if _, known := a.known[p]; !known && len(a.known) >= maxAttempters {
		delete(a.known, leastOf(a.known))
	}
	a.known[p] = now
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
