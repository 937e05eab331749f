package access

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
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
	for i := range accountAttempts { // from many addresses
		a.fail(netip.AddrFrom4([4]byte{10, 1, byte(i), 1}), "root", now)
	}
	if wait := a.wait(good, "root", now); wait != accountPause {
		t.Errorf("the account: wait %v, want %v", wait, accountPause)
	}
	if wait := a.wait(good, "other", now); wait > 0 {
		t.Errorf("another account has to wait %v", wait)
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
	for i := range 5 * maxAttempters {
		a.fail(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), string(rune(i)), now)
	}
	if n, m := len(a.addresses.used), len(a.accounts.used); n > maxAttempters || m > maxAttempters {
		t.Errorf("%d addresses and %d accounts are remembered", n, m)
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
