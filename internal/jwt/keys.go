package jwt

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

const (
	// refreshEvery is how old the keys become before they are read again, so that
	// those which the provider has taken back are not used for longer.
	refreshEvery = 5 * time.Minute
	// pause is the least time between two readings, however many tokens come with
	// keys that are not known; firstPause that before the first keys were read.
	pause      = 10 * time.Second
	firstPause = time.Second
	// patience is how long a token waits for its key; the reading goes on.
	patience = 2 * time.Second
	// maxKeys bounds the keys of a set.
	maxKeys = 100
	// minRSABits and maxRSABits bound the modulus of an RSA key.
	minRSABits, maxRSABits = 2048, 8192
)

// keys are the provider's keys as they were read last. When they can't be read
// those that are known go on being used.
type keys struct {
	source source
	log    *slog.Logger
	pause  time.Duration

	generation atomic.Uint64 // of set, for a look without a lock
	mu         sync.Mutex
	set        keySet
	began      time.Time     // of the last reading
	reading    chan struct{} // closed when the reading that is under way has ended; nil for none
	open       context.Context
	stop       context.CancelFunc
	running    sync.WaitGroup
}

// keySet is one version of the keys. It is immutable.
type keySet struct {
	keys       []jose.JSONWebKey
	generation uint64 // 0 before the first were read
}

func newKeys(s source, log *slog.Logger) *keys {
	return &keys{source: s, log: log, pause: pause}
}

// start reads the keys, and again now and then until close. Only a file that
// can't be read is an error.
func (k *keys) start(ctx context.Context) error {
	k.open, k.stop = context.WithCancel(context.WithoutCancel(ctx))
	k.began = time.Now()
	if err := k.read(ctx); err != nil {
		if !k.source.remote() {
			k.stop()
			return err
		}
		k.log.Warn("the keys of JSON Web Tokens could not be read; they are asked for again when tokens come", "reason", err)
	}
	k.running.Go(func() {
		tick := time.NewTicker(refreshEvery)
		defer tick.Stop()
		for {
			select {
			case <-k.open.Done():
				return
			case <-tick.C:
				_ = k.refresh(k.open)
			}
		}
	})
	return nil
}

func (k *keys) close() {
	k.stop()
	k.running.Wait()
}

// find returns the keys that a token may be signed with: those of its kid, or all
// for one that names none, and of its algorithm. Keys that are not known yet are
// asked for.
func (k *keys) find(ctx context.Context, kid, algorithm string) (keySet, error) {
	found := k.matching(kid, algorithm)
	if len(found.keys) == 0 {
		if err := k.refresh(ctx); err != nil {
			return keySet{}, err
		}
		found = k.matching(kid, algorithm)
	}
	switch {
	case found.generation == 0:
		return keySet{}, errNoKeys
	case len(found.keys) == 0:
		return keySet{}, errNoKey
	}
	return found, nil
}

func (k *keys) matching(kid, algorithm string) keySet {
	k.mu.Lock()
	set := k.set
	k.mu.Unlock()
	found := keySet{generation: set.generation}
	for _, one := range set.keys {
		if (kid == "" || one.KeyID == kid) && algorithmOf(&one) == algorithm {
			found.keys = append(found.keys, one)
		}
	}
	return found
}

// refresh reads the keys again, unless that was done a moment ago, or somebody is
// at it, for whom it waits, but not for long. The error is that of ctx: what else goes
// wrong leaves the keys as they are.
func (k *keys) refresh(ctx context.Context) error {
	k.mu.Lock()
	reading := k.reading
	if reading == nil {
		least := k.pause
		if k.set.generation == 0 {
			least = min(least, firstPause)
		}
		if time.Since(k.began) < least {
			k.mu.Unlock()
			return nil
		}
		reading = make(chan struct{})
		k.reading, k.began = reading, time.Now()
		k.running.Go(func() { k.readFor(reading) }) // it goes on when who asked has gone: others wait
	}
	k.mu.Unlock()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-reading:
	case <-late.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// readFor reads the keys, and closes reading.
func (k *keys) readFor(reading chan struct{}) {
	if err := k.read(k.open); err != nil {
		k.log.Warn("the keys of JSON Web Tokens could not be read; those that are known go on being used", "reason", err)
	}
	k.mu.Lock()
	k.reading = nil
	k.mu.Unlock()
	close(reading)
}

// read reads the keys and puts them in the place of those before.
func (k *keys) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	text, err := k.source.read(ctx)
	if err != nil {
		return err
	}
	all, err := k.parse(text)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set.generation > 0 && slices.EqualFunc(k.set.keys, all, sameKey) {
		return nil
	}
	k.set = keySet{all, k.set.generation + 1}
	k.generation.Store(k.set.generation)
	k.log.Info("keys of JSON Web Tokens were read", "keys", len(all))
	return nil
}

// parse reads a key set. Keys that are of no use here are left out; a set of
// nothing else is an error.
func (k *keys) parse(text []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("the key set is not JSON: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set has more than %d keys", maxKeys)
	}
	var all []jose.JSONWebKey
	for _, raw := range set.Keys {
		var one jose.JSONWebKey
		err := one.UnmarshalJSON(raw)
		if err == nil && !usable(&one) {
			err = errors.New("it is no public key for RS256 or ES256")
		}
		if err != nil {
			k.log.Debug("a key of JSON Web Tokens is left out", "kid", one.KeyID, "reason", err)
			continue
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, errors.New("the key set has no public key for RS256 or ES256")
	}
	return all, nil
}

func usable(k *jose.JSONWebKey) bool {
	algorithm := algorithmOf(k)
	return algorithm != "" && (k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == algorithm)
}

// algorithmOf is the algorithm that a public key is for, "" for none of ours.
func algorithmOf(k *jose.JSONWebKey) string {
	switch public := k.Key.(type) {
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits >= minRSABits && bits <= maxRSABits {
			return string(jose.RS256)
		}
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return string(jose.ES256)
		}
	}
	return ""
}

func sameKey(a, b jose.JSONWebKey) bool {
	public, ok := a.Key.(interface{ Equal(crypto.PublicKey) bool })
	return ok && a.KeyID == b.KeyID && public.Equal(b.Key)
}
