package cql

import (
	"sort"
	"strings"
)

// The keywords of Cql.g, one kind each. The unreserved ones, which may be
// names, stand in three blocks (see class); the reserved ones come last.
const (
	// basic_unreserved_keyword.
	kAccess kind = firstKeyword + iota
	kAggregate
	kAggregates
	kAll
	kANN
	kAs
	kCalled
	kCIDRs
	kCluster
	kClustering
	kCompact
	kContains
	kCustom
	kDatacenters
	kDefault
	kExists
	kFiltering
	kFinalFunc
	kFrozen
	kFunction
	kFunctions
	kGroup
	kHashed
	kIdentity
	kInitCond
	kInput
	kInternals
	kKeys
	kKeyspaces
	kLanguage
	kLike
	kList
	kLogin
	kMap
	kMasked
	kMBean
	kMBeans
	kNoLogin
	kNoSuperuser
	kOnly
	kOptions
	kPartition
	kPassword
	kPer
	kPermission
	kPermissions
	kReplace
	kReturns
	kRole
	kRoles
	kSelectMasked
	kSFunc
	kStatic
	kStorage
	kSType
	kSuperuser
	kTables
	kTrigger
	kTuple
	kType
	kTypes
	kUnmask
	kUnset
	kUser
	kUsers
	kValues
	kVector
	// native_type.
	kAscii
	kBigint
	kBlob
	kBoolean
	kCounter
	kDate
	kDecimal
	kDouble
	kDuration
	kFloat
	kInet
	kInt
	kSmallint
	kText
	kTime
	kTimestamp
	kTimeuuid
	kTinyint
	kUuid
	kVarchar
	kVarint
	// The rest of unreserved_keyword: columns may have these names, functions and types not.
	kCast
	kCount
	kDistinct
	kJSON
	kKey
	kMaxWriteTime
	kTTL
	kWriteTime
	// Reserved keywords.
	kAdd
	kAllow
	kAlter
	kAnd
	kApply
	kAsc
	kAuthorize
	kBatch
	kBegin
	kBy
	kColumnFamily
	kCreate
	kDelete
	kDesc
	kDescribe
	kDrop
	kEntries
	kExecute
	kFrom
	kFull
	kGrant
	kIf
	kIn
	kIndex
	kInsert
	kInto
	kIs
	kKeyspace
	kLimit
	kMaterialized
	kModify
	kNoRecursive
	kNot
	kNull
	kOf
	kOn
	kOr
	kOrder
	kPrimary
	kRename
	kRevoke
	kSchema
	kSelect
	kSet
	kTo
	kToken
	kTruncate
	kUnlogged
	kUpdate
	kUse
	kUsing
	kView
	kWhere
	kWith
)

// The ends of the blocks above.
const (
	kBasicFirst  = kAccess
	kBasicLast   = kVector
	kNativeFirst = kAscii
	kNativeLast  = kVarint
	kColumnFirst = kCast
	kColumnLast  = kWriteTime
)

// keywordNames are the grammar's names of the keywords, in order of their kinds.
var keywordNames = [...]string{
	"ACCESS", "AGGREGATE", "AGGREGATES", "ALL", "ANN", "AS", "CALLED", "CIDRS", "CLUSTER", "CLUSTERING",
	"COMPACT", "CONTAINS", "CUSTOM", "DATACENTERS", "DEFAULT", "EXISTS", "FILTERING", "FINALFUNC", "FROZEN",
	"FUNCTION", "FUNCTIONS", "GROUP", "HASHED", "IDENTITY", "INITCOND", "INPUT", "INTERNALS", "KEYS", "KEYSPACES",
	"LANGUAGE", "LIKE", "LIST", "LOGIN", "MAP", "MASKED", "MBEAN", "MBEANS", "NOLOGIN", "NOSUPERUSER", "ONLY",
	"OPTIONS", "PARTITION", "PASSWORD", "PER", "PERMISSION", "PERMISSIONS", "REPLACE", "RETURNS", "ROLE", "ROLES",
	"SELECT_MASKED", "SFUNC", "STATIC", "STORAGE", "STYPE", "SUPERUSER", "TABLES", "TRIGGER", "TUPLE", "TYPE",
	"TYPES", "UNMASK", "UNSET", "USER", "USERS", "VALUES", "VECTOR", "ASCII", "BIGINT", "BLOB", "BOOLEAN",
	"COUNTER", "DATE", "DECIMAL", "DOUBLE", "DURATION", "FLOAT", "INET", "INT", "SMALLINT", "TEXT", "TIME",
	"TIMESTAMP", "TIMEUUID", "TINYINT", "UUID", "VARCHAR", "VARINT", "CAST", "COUNT", "DISTINCT", "JSON", "KEY",
	"MAXWRITETIME", "TTL", "WRITETIME", "ADD", "ALLOW", "ALTER", "AND", "APPLY", "ASC", "AUTHORIZE", "BATCH",
	"BEGIN", "BY", "COLUMNFAMILY", "CREATE", "DELETE", "DESC", "DESCRIBE", "DROP", "ENTRIES", "EXECUTE", "FROM",
	"FULL", "GRANT", "IF", "IN", "INDEX", "INSERT", "INTO", "IS", "KEYSPACE", "LIMIT", "MATERIALIZED", "MODIFY",
	"NORECURSIVE", "NOT", "NULL", "OF", "ON", "OR", "ORDER", "PRIMARY", "RENAME", "REVOKE", "SCHEMA", "SELECT",
	"SET", "TO", "TOKEN", "TRUNCATE", "UNLOGGED", "UPDATE", "USE", "USING", "VIEW", "WHERE", "WITH",
}

// keywordAliases are words that share another keyword's kind.
var keywordAliases = []struct {
	word string
	kind kind
}{
	{"TABLE", kColumnFamily}, {"COLUMNFAMILIES", kTables},
	{"TRUE", tokBoolean}, {"FALSE", tokBoolean}, {"NAN", tokNaN}, {"INFINITY", tokInfinity},
}

// keywordTable is an open-addressing hash table from lower-case words to kinds,
// built once; hashWord is its hash.
const keywordTableSize = 1024

var keywordTable [keywordTableSize]struct {
	word string
	kind kind
}

const hashSeed, hashPrime = 2166136261, 16777619

func init() {
	add := func(word string, k kind) {
		word = strings.ToLower(word)
		h := uint32(hashSeed)
		for i := 0; i < len(word); i++ {
			h = (h ^ uint32(word[i])) * hashPrime
		}
		i := h % keywordTableSize
		for keywordTable[i].word != "" {
			i = (i + 1) % keywordTableSize
		}
		keywordTable[i].word, keywordTable[i].kind = word, k
	}
	for i, name := range keywordNames {
		add(name, firstKeyword+kind(i))
	}
	for _, a := range keywordAliases {
		add(a.word, a.kind)
	}
}

// lookupWord returns the kind of an unquoted word in any case: a keyword or
// tokIdent. It does not allocate.
func lookupWord(word string) kind {
	h := uint32(hashSeed)
	for i := 0; i < len(word); i++ {
		h = (h ^ uint32(lower(word[i]))) * hashPrime
	}
	for i := h % keywordTableSize; keywordTable[i].word != ""; i = (i + 1) % keywordTableSize {
		if equalFold(keywordTable[i].word, word) {
			return keywordTable[i].kind
		}
	}
	return tokIdent
}

// lower folds an ASCII letter; other bytes are unchanged.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// equalFold reports whether word, folded, is folded.
func equalFold(folded, word string) bool {
	if len(folded) != len(word) {
		return false
	}
	for i := 0; i < len(word); i++ {
		if lower(word[i]) != folded[i] {
			return false
		}
	}
	return true
}

// Keywords returns all keywords of the language in upper case, sorted: what an
// editor highlights and completes.
func Keywords() []string {
	words := append([]string(nil), keywordNames[:]...)
	for _, a := range keywordAliases {
		words = append(words, a.word)
	}
	sort.Strings(words)
	return words
}

// IsReserved reports whether word (in any case) is a keyword that can't be a
// name without quotes (org.apache.cassandra.cql3.ReservedKeywords; TRUE and
// FALSE too, which Cassandra's list leaves out).
func IsReserved(word string) bool {
	k := lookupWord(word)
	return k != tokIdent && !k.is(classIdent)
}
