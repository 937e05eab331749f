package schema

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Datacenter and Rack are where the one node of the embedded engine says it is.
const (
	Datacenter = "datacenter1"
	Rack       = "rack1"
)

// locatorPackage holds Cassandra's replication strategies.
const locatorPackage = "org.apache.cassandra.locator."

// The full class names of the replication strategies.
const (
	SimpleStrategy          = locatorPackage + "SimpleStrategy"
	NetworkTopologyStrategy = locatorPackage + "NetworkTopologyStrategy"
	LocalStrategy           = locatorPackage + "LocalStrategy"
)

// replicationFactor is the option of SimpleStrategy, and the short form for
// every datacenter of NetworkTopologyStrategy.
const replicationFactor = "replication_factor"

// KeyspaceProperties are the properties that a keyspace may have, checked for
// their names and for a replication class (KeyspaceAttributes.validate).
func KeyspaceProperties(p Properties) (replication map[string]string, err error) {
	if err := p.ValidateNames("replication", "durable_writes"); err != nil {
		return nil, err
	}
	replication, err = p.Map("replication")
	if err != nil {
		return nil, err
	}
	if _, ok := replication["class"]; !ok && len(replication) > 0 {
		return nil, cqlerr.Configf("Missing replication strategy class")
	}
	return replication, nil
}

// NewReplication returns the replication of a keyspace as system_schema shows
// it: "class" with its full name, and the options filled in from what the
// keyspace had before (nil for a new one) and the server's defaults
// (ReplicationParams.fromMapWithDefaults).
func NewReplication(given, previous map[string]string) (map[string]string, error) {
	class := given["class"]
	if !strings.Contains(class, ".") {
		class = locatorPackage + class
	}
	options := maps.Clone(given)
	delete(options, "class")
	switch class {
	case SimpleStrategy:
		if _, ok := options[replicationFactor]; !ok {
			options[replicationFactor] = defaultFactor(previous)
		}
	case NetworkTopologyStrategy:
		if err := expandFactor(options, previous); err != nil {
			return nil, err
		}
	case LocalStrategy:
	case locatorPackage + "OldNetworkTopologyStrategy":
		return nil, cqlerr.Configf("The support for the OldNetworkTopologyStrategy has been removed in C* version 4.0. " +
			"The keyspace strategy should be switch to NetworkTopologyStrategy")
	default:
		return nil, cqlerr.Configf("Unable to find replication strategy class '%s'", class)
	}
	options["class"] = class
	return options, nil
}

// defaultFactor is the replication factor of a keyspace that gives none:
// what it was, else default_keyspace_rf, which is 1.
func defaultFactor(previous map[string]string) string {
	if rf, ok := previous[replicationFactor]; ok {
		return rf
	}
	return "1"
}

// expandFactor gives the datacenter the replication_factor in options, unless
// it has one of its own, and drops datacenters with none
// (NetworkTopologyStrategy.prepareOptions).
func expandFactor(options, previous map[string]string) error {
	if len(options) == 0 {
		options[replicationFactor] = defaultFactor(previous)
	}
	if rf, ok := options[replicationFactor]; ok {
		delete(options, replicationFactor)
		for name, value := range previous {
			if name == "class" || name == replicationFactor {
				continue
			}
			if _, given := options[name]; !given {
				options[name] = value
			}
		}
		// Cassandra drops the error of a factor that is none; when there is no
		// datacenter then, ValidateReplication finds that.
		if n, err := parseFactor(rf); err == nil && options[Datacenter] == "" {
			options[Datacenter] = strconv.Itoa(n)
		}
	}
	maps.DeleteFunc(options, func(_, value string) bool { return value == "0" })
	return nil
}

// ValidateReplication checks what NewReplication returned for a cluster of
// one node, and returns the warnings a client gets
// (AbstractReplicationStrategy.validateReplicationStrategy).
func ValidateReplication(keyspace string, replication map[string]string) (warnings []string, err error) {
	class := replication["class"]
	if class == LocalStrategy {
		return nil, cqlerr.Invalidf("Unable to use given strategy class: LocalStrategy is reserved for internal use.")
	}
	for _, name := range sortedKeys(replication) {
		if name == "class" {
			continue
		}
		if class == NetworkTopologyStrategy && strings.EqualFold(name, replicationFactor) {
			return nil, cqlerr.Configf("%s should not appear as an option at construction time for NetworkTopologyStrategy", replicationFactor)
		}
		if class == SimpleStrategy && name != replicationFactor {
			continue
		}
		if _, err := parseFactor(replication[name]); err != nil {
			return nil, err
		}
	}
	if class == NetworkTopologyStrategy && len(replication) == 1 {
		return nil, cqlerr.Configf("Configuration for at least one datacenter must be present")
	}
	return checkFactors(keyspace, replication)
}

// checkFactors refuses options that are no datacenter's, and warns of more
// replicas than there are nodes.
func checkFactors(keyspace string, replication map[string]string) (warnings []string, err error) {
	expected, simple := Datacenter, replication["class"] == SimpleStrategy
	if simple {
		expected = replicationFactor
	}
	for _, name := range sortedKeys(replication) {
		if name != expected && name != "class" {
			return nil, cqlerr.Configf("Unrecognized strategy option {%s} passed to %s for keyspace %s",
				name, strings.TrimPrefix(replication["class"], locatorPackage), keyspace)
		}
	}
	n := Replicas(replication)
	if n <= 1 || IsSystem(keyspace) {
		return nil, nil
	}
	warning := fmt.Sprintf("Your replication factor %d for keyspace %s is higher than the number of nodes 1", n, keyspace)
	if !simple {
		warning += " for datacenter " + Datacenter
	}
	return []string{warning}, nil
}

// Replicas returns how many replicas a replication asks for, in all datacenters.
func Replicas(replication map[string]string) int {
	total := 0
	for name, value := range replication {
		if name == "class" {
			continue
		}
		if n, err := parseFactor(value); err == nil {
			total += n
		}
	}
	return total
}

// parseFactor reads a replication factor (ReplicationFactor.fromString): a
// number, or number/transient, of which this server like a Cassandra at its
// defaults takes none.
func parseFactor(text string) (int, error) {
	all, transient, two := strings.Cut(text, "/")
	if two && (strings.Contains(transient, "/") || transient == "" || all == "") {
		return 0, cqlerr.Configf("Replication factor format is <replicas> or <replicas>/<transient>")
	}
	n, err := strconv.ParseInt(all, 10, 32)
	if err != nil {
		return 0, cqlerr.Configf("For input string: \"%s\"", all)
	}
	if two {
		m, err := strconv.ParseInt(transient, 10, 32)
		if err != nil {
			return 0, cqlerr.Configf("For input string: \"%s\"", transient)
		}
		if m != 0 {
			return 0, cqlerr.Configf("Transient replication is not enabled on this node")
		}
	}
	if n < 0 {
		return 0, cqlerr.Configf("Replication factor must be non-negative, found %d", n)
	}
	return int(n), nil
}
