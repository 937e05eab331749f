package cassandra

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// The pace of connecting: how long one node may take, and the pause between
// two rounds over the contacts.
const (
	connectTimeout = 10 * time.Second
	connectPause   = time.Second
	// reconnectInterval is how often nodes that are down are tried.
	reconnectInterval = time.Second
	// agreementTimeout bounds the wait for all nodes to have a schema change.
	agreementTimeout = 10 * time.Second
)

// connectionsPerNode is how many connections gocql keeps to each node.
const connectionsPerNode = 2

// maxPrepared is how many prepared statements gocql keeps, counted once a node.
const maxPrepared = 10_000

// Setting is one of the options that connecting may find wrong.
type Setting uint8

// The settings that a RefusedError is about.
const (
	HostsSetting Setting = iota
	CredentialsSetting
	TLSSetting
	CertificateSetting
	DatacenterSetting
)

// RefusedError says that the cluster can't be used with these options, however
// long one waits.
type RefusedError struct {
	Setting Setting
	Reason  string
}

// Error returns the reason.
func (e *RefusedError) Error() string { return e.Reason }

// connect tries until it has a session, its datacenter and the schema.
func (c *Cluster) connect(ctx context.Context) (*live, error) {
	for {
		l, err := c.tryConnect(ctx)
		if err == nil {
			return l, nil
		}
		var refused *RefusedError
		if errors.As(err, &refused) {
			return nil, refused
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if previous := c.unreachable.Swap(&err); previous == nil || (*previous).Error() != err.Error() {
			c.log.Warn("the cluster can't be reached, trying on", "hosts", strings.Join(c.options.Hosts, ","), "reason", err)
		}
		select {
		case <-time.After(connectPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// tryConnect makes one round over the contacts.
func (c *Cluster) tryConnect(ctx context.Context) (*live, error) {
	first, err := c.contact(ctx)
	if err != nil {
		return nil, err
	}
	l := &live{cqlVersion: first.cqlVersion, datacenter: first.datacenter, release: first.release, cluster: first.cluster, protocol: first.protocol,
		timeout: c.options.Timeout, speculative: c.options.Speculative}
	if c.options.Datacenter != "" {
		l.datacenter = c.options.Datacenter
	}
	config := c.config()
	config.ProtoVersion = l.protocol
	config.PoolConfig.HostSelectionPolicy = routing{gocql.TokenAwareHostPolicy(
		watchNodes(gocql.DCAwareRoundRobinPolicy(l.datacenter), c.upstream), gocql.ShuffleReplicas())}
	config.HostFilter = gocql.DataCenterHostFilter(l.datacenter)
	if l.datacenter != first.datacenter { // gocql refuses to begin with a node that the filter leaves out
		config.Hosts = first.nodes[l.datacenter]
	}
	l.session, err = config.CreateSession()
	if err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "gocql: "))
	}
	if err := c.reload(ctx, l, ""); err != nil {
		l.session.Close()
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	return l, nil
}

// config is what all sessions to the cluster have in common.
func (c *Cluster) config() *gocql.ClusterConfig {
	o := &c.options
	config := gocql.NewCluster(o.Hosts...)
	config.Timeout = max(slowTimeout, o.Timeout)
	config.ConnectTimeout = connectTimeout
	config.NumConns = connectionsPerNode
	config.Consistency = gocql.LocalQuorum
	config.DefaultTimestamp = false // the client's, or else the node's clock
	config.PageSize = 0
	config.MaxPreparedStmts = maxPrepared
	config.MaxWaitSchemaAgreement = agreementTimeout
	config.ReconnectInterval = reconnectInterval
	config.RetryPolicy = retryElsewhere{}
	config.RegisteredTypes = rawTypes()
	config.Metadata.CacheMode = gocql.KeyspaceOnly // for the replicas of a token
	config.Logger = c.driver
	if o.User != "" {
		config.Authenticator = gocql.PasswordAuthenticator{Username: o.User, Password: o.Password}
	}
	if o.TLS != nil {
		config.SslOpts = &gocql.SslOptions{Config: o.TLS, EnableHostVerification: !o.TLS.InsecureSkipVerify}
	}
	return config
}

// contact is what the first node that answers says of the cluster.
type contact struct {
	cqlVersion, datacenter, release, cluster string
	protocol                                 int
	datacenters                              map[string]bool
	// nodes of the other datacenters, host:port by datacenter.
	nodes map[string][]string
}

// contact asks the named hosts, until one answers, who they are.
func (c *Cluster) contact(ctx context.Context) (*contact, error) {
	seen := &observer{}
	config := c.config()
	config.NumConns = 1
	config.DisableInitialHostLookup = true // the named hosts alone, no other datacenter's
	config.ConnectObserver = seen
	config.Metadata.CacheMode = gocql.Disabled
	session, err := config.CreateSession()
	if err != nil {
		return nil, seen.explain(err)
	}
	defer session.Close()
	found := &contact{datacenters: map[string]bool{}, nodes: map[string][]string{}}
	port := strconv.Itoa(config.Port)
	if _, own, err := net.SplitHostPort(c.options.Hosts[0]); err == nil {
		port = own // all nodes have the same, as system.peers has it
	}
	local := session.Query("SELECT cql_version, data_center, release_version, cluster_name, native_protocol_version FROM system.local WHERE key = 'local'").Consistency(gocql.One)
	var protocol string
	if err := local.ScanContext(ctx, &found.cqlVersion, &found.datacenter, &found.release, &found.cluster, &protocol); err != nil {
		return nil, err
	}
	if _, err := fmt.Sscan(protocol, &found.protocol); err != nil {
		return nil, fmt.Errorf("system.local: native_protocol_version %q", protocol)
	}
	found.protocol = min(found.protocol, newestProtocol)
	if c.options.Protocol > 0 {
		found.protocol = min(found.protocol, c.options.Protocol)
	}
	found.datacenters[found.datacenter] = true
	peers := session.Query("SELECT data_center, rpc_address FROM system.peers").Consistency(gocql.One).IterContext(ctx)
	var address net.IP
	for datacenter := ""; peers.Scan(&datacenter, &address); {
		found.datacenters[datacenter] = true
		found.nodes[datacenter] = append(found.nodes[datacenter], net.JoinHostPort(address.String(), port))
	}
	if err := peers.Close(); err != nil {
		return nil, err
	}
	return found, c.accept(found)
}

// newestProtocol is the highest version of the native protocol that gocql speaks.
const newestProtocol = 5

// accept refuses clusters that can't be served with these options.
func (c *Cluster) accept(found *contact) error {
	if olderThan(found.release, 3, 11) {
		return &RefusedError{HostsSetting, fmt.Sprintf("the cluster runs Cassandra %s, but 3.11 is the oldest supported", found.release)}
	}
	if dc := c.options.Datacenter; dc != "" && !found.datacenters[dc] {
		return &RefusedError{DatacenterSetting, fmt.Sprintf("the cluster has no datacenter %q, but %s", dc, quotedNames(found.datacenters))}
	}
	return nil
}

// observer notes why connections failed.
type observer struct {
	mu   sync.Mutex
	last error
}

// ObserveConnect implements gocql.ConnectObserver.
func (f *observer) ObserveConnect(o gocql.ObservedConnect) {
	if o.Err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = o.Err
}

// refusesCertificate reports whether err is a TLS alert of the node's about the
// certificate of this side; crypto/tls has no type for alerts.
func refusesCertificate(err error) bool {
	var alert *net.OpError
	return errors.As(err, &alert) && alert.Op == "remote error" && strings.Contains(alert.Err.Error(), "certificate")
}

// explain makes an error of what gocql said and what was seen.
func (f *observer) explain(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last == nil {
		return err
	}
	var untrusted *tls.CertificateVerificationError
	var request gocql.RequestError
	switch {
	case errors.As(f.last, &request) && request.Code() == int(cqlerr.BadCredentials):
		return &RefusedError{CredentialsSetting, request.Message()}
	case strings.Contains(f.last.Error(), "authentication required"):
		return &RefusedError{CredentialsSetting, "the cluster asks for a login, but no user is given"}
	case errors.As(f.last, &untrusted):
		return &RefusedError{TLSSetting, f.last.Error()}
	case refusesCertificate(f.last):
		return &RefusedError{CertificateSetting, "the cluster refuses the client's certificate, or asks for one: " + f.last.Error()}
	}
	return f.last
}
