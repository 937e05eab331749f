package access

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/bcrypt"
)

// TestAttempts: a burst may fail, then one at a time; the others are not touched.
func TestAttempts(t *testing.T) {
	a, now := newAttempts(), time.Unix(1000, 0)
	bad, good := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	for i := range addressAttempts {
		if wait := a.wait(bad, "", now); wait > 0 {
			t.Fatalf("attempt %d has to wait %v", i, wait)
		}
		a.fail(bad, "", now)
	}
	if wait := a.wait(bad, "", now); wait != addressPause {
		t.Errorf("after the burst: wait %v, want %v", wait, addressPause)
	}
	if wait := a.wait(good, "", now); wait > 0 {
		t.Errorf("another address has to wait %v", wait)
	}
	for range 1000 { // who goes on failing waits no longer for it
		a.fail(bad, "", now)
	}
	if wait := a.wait(bad, "", now.Add(addressPause)); wait > 0 {
		t.Errorf("after the pause: wait %v", wait)
	}
}

// TestAttemptsOnAnAccount: who guesses at an account keeps out whoever else is at
// the same address, and from many addresses only those who come from a new one.
func TestAttemptsOnAnAccount(t *testing.T) {
	a, now := newAttempts(), time.Unix(1000, 0)
	home, office := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	a.succeed(home, "root", now)
	for range pairAttempts {
		a.fail(office, "root", now)
	}
	for _, c := range []struct {
		what    string
		client  netip.Addr
		account string
		want    time.Duration
	}{
		{"the account at the guesser's address", office, "root", pairPause},
		{"another account there", office, "other", 0},
		{"the account at another address", home, "root", 0},
	} {
		if wait := max(a.wait(c.client, c.account, now), 0); wait != c.want {
			t.Errorf("one address: %s: wait %v, want %v", c.what, wait, c.want)
		}
	}
	many := func(now time.Time) {
		for i := range accountAttempts {
			a.fail(netip.AddrFrom4([4]byte{10, 1, byte(i), 1}), "root", now)
		}
	}
	many(now)
	hotel := netip.MustParseAddr("10.0.0.3")
	if wait := a.wait(home, "root", now); wait > 0 {
		t.Errorf("where somebody has logged in: wait %v", wait)
	}
	if wait := a.wait(hotel, "root", now); wait != accountPause {
		t.Errorf("at a new address: wait %v, want %v", wait, accountPause)
	}
	if wait := a.wait(hotel, "other", now); wait > 0 {
		t.Errorf("another account: wait %v", wait)
	}
	for range pairAttempts { // a known address may guess no more than others
		a.fail(home, "root", now)
	}
	if wait := a.wait(home, "root", now); wait != pairPause {
		t.Errorf("after failures where somebody has logged in: wait %v, want %v", wait, pairPause)
	}
	later := now.Add(knownFor + time.Hour)
	many(later)
	if wait := a.wait(home, "root", later); wait != accountPause {
		t.Errorf("long after the login: wait %v, want %v", wait, accountPause)
	}
}

// TestLoginUnderAttack: the whole of it. The owner logs in from where they did
// before while others guess from everywhere, and nobody guesses more for trying at
// once.
func TestLoginUnderAttack(t *testing.T) {
	s, _ := benchStore(t)
	now := time.Unix(1000, 0)
	s.now = func() time.Time { return now }
	hash, err := bcrypt.GenerateFromPassword([]byte("right"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	role := &Role{ID: uuid.New(), Name: "owner", CanLogin: true, Superuser: true, saltedHash: string(hash)}
	s.publish(func(st *state) { st.roles[role.ID] = role })
	login := func(from netip.Addr, password string) error {
		_, err := s.Door("native", CQL).Login(context.WithValue(t.Context(), clientKey{}, from), "owner", password)
		return err
	}
	home := netip.MustParseAddr("192.0.2.1")
	if err := login(home, "right"); err != nil {
		t.Fatal(err)
	}
	attacker := netip.MustParseAddr("198.51.100.1")
	var looked atomic.Int32
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			var refused *TooManyAttemptsError
			if err := login(attacker, "wrong"); err == nil || !errors.As(err, &refused) {
				looked.Add(1)
			}
		})
	}
	all.Wait()
	if n, most := int(looked.Load()), pairAttempts+cap(passwordChecks); n > most {
		t.Errorf("%d guesses at once were looked at, at most %d wanted", n, most)
	}
	for i := range 2 * accountAttempts {
		_ = login(netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}), "wrong")
	}
	var refused *TooManyAttemptsError
	if err := login(netip.MustParseAddr("192.0.2.9"), "right"); !errors.As(err, &refused) {
		t.Errorf("from a new address: %v", err)
	}
	if err := login(home, "right"); err != nil {
		t.Errorf("from where the owner was before: %v", err)
	}
	now = now.Add(accountPause)
	if err := login(netip.MustParseAddr("192.0.2.9"), "right"); err != nil {
		t.Errorf("from a new address, after the pause: %v", err)
	}
}

// TestAttemptsOfNetworks: an IPv6 client can't take another address of its own.
func TestAttemptsOfNetworks(t *testing.T) {
	a, now := newAttempts(), time.Unix(1000, 0)
	for i := range addressAttempts {
		a.fail(netip.AddrFrom16([16]byte{0x20, 1, 15: byte(i)}), "", now)
	}
	if a.wait(netip.MustParseAddr("2001::77"), "", now) <= 0 {
		t.Error("an address of the same network need not wait")
	}
	if a.wait(netip.MustParseAddr("2001:0:0:1::1"), "", now) > 0 {
		t.Error("an address of another network has to wait")
	}
}

// TestAttemptsAreBounded: however many fail, few are remembered, and the ones
// that fail most among them.
func TestAttemptsAreBounded(t *testing.T) {
	a, now := newAttempts(), time.Unix(1000, 0)
	worst := netip.MustParseAddr("9.9.9.9")
	for range addressAttempts {
		a.fail(worst, "worst", now)
	}
	for i := range maxAttempters + 2000 {
		client, account := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), string(rune(i))
		a.fail(client, account, now)
		a.succeed(client, account, now)
	}
	for what, n := range map[string]int{"addresses": len(a.addresses.used), "accounts": len(a.accounts.used), "pairs": len(a.pairs.used), "known": len(a.known)} {
		if n > maxAttempters {
			t.Errorf("%d %s are remembered", n, what)
		}
	}
	if a.wait(worst, "", now) <= 0 {
		t.Error("the one that failed most was forgotten")
	}
}

// TestAttemptsOnARoleNamedToken: its password is no token, and is bounded like any.
func TestAttemptsOnARoleNamedToken(t *testing.T) {
	s, secret := benchStore(t)
	now := time.Unix(1000, 0)
	s.now = func() time.Time { return now }
	login := func(password string) error {
		_, err := s.Door("native", CQL).Login(t.Context(), "token", password)
		return err
	}
	hash, err := hashPassword("right")
	if err != nil {
		t.Fatal(err)
	}
	role := &Role{ID: uuid.New(), Name: "token", CanLogin: true, saltedHash: hash}
	s.publish(func(st *state) { st.roles[role.ID] = role })
	if err := login("right"); err != nil {
		t.Fatal(err)
	}
	for range accountAttempts {
		s.attempts.fail(netip.Addr{}, "token", now)
	}
	var refused *TooManyAttemptsError
	if err := login("right"); !errors.As(err, &refused) {
		t.Errorf("a password: %v", err)
	}
	if err := login(secret.Token); err != nil {
		t.Errorf("an application token: %v", err)
	}
}
