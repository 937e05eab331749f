package wire

import (
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Opcode is the kind of a message (native_protocol_v5.spec §2.3.4).
type Opcode uint8

// The opcodes. OpCredentials belongs to version 1 and is only named in errors.
// READY and OPTIONS have empty bodies.
const (
	OpError         Opcode = 0x00
	OpStartup       Opcode = 0x01
	OpReady         Opcode = 0x02
	OpAuthenticate  Opcode = 0x03
	OpCredentials   Opcode = 0x04
	OpOptions       Opcode = 0x05
	OpSupported     Opcode = 0x06
	OpQuery         Opcode = 0x07
	OpResult        Opcode = 0x08
	OpPrepare       Opcode = 0x09
	OpExecute       Opcode = 0x0A
	OpRegister      Opcode = 0x0B
	OpEvent         Opcode = 0x0C
	OpBatch         Opcode = 0x0D
	OpAuthChallenge Opcode = 0x0E
	OpAuthResponse  Opcode = 0x0F
	OpAuthSuccess   Opcode = 0x10

	// OpcodeCount is one more than the highest opcode.
	OpcodeCount = 17
)

var opcodeNames = [OpcodeCount]string{
	"ERROR", "STARTUP", "READY", "AUTHENTICATE", "CREDENTIALS", "OPTIONS", "SUPPORTED", "QUERY", "RESULT",
	"PREPARE", "EXECUTE", "REGISTER", "EVENT", "BATCH", "AUTH_CHALLENGE", "AUTH_RESPONSE", "AUTH_SUCCESS",
}

// String returns the opcode's name in the specification.
func (op Opcode) String() string {
	if int(op) < len(opcodeNames) {
		return opcodeNames[op]
	}
	return strconv.Itoa(int(int8(op)))
}

// IsResponse reports whether the server sends op.
func (op Opcode) IsResponse() bool {
	switch op {
	case OpError, OpReady, OpAuthenticate, OpSupported, OpResult, OpEvent, OpAuthChallenge, OpAuthSuccess:
		return true
	}
	return false
}

// check refuses unknown opcodes and those of the other direction
// (Message.Type.fromOpcode).
func (op Opcode) check(response bool) *cqlerr.Error {
	if int(op) >= len(opcodeNames) {
		return cqlerr.Newf(cqlerr.Protocol, "Unknown opcode %s", op)
	}
	if op.IsResponse() != response {
		return cqlerr.Newf(cqlerr.Protocol, "Wrong protocol direction (expected %s, got %s) for opcode %d (%s)",
			direction(op.IsResponse()), direction(response), op, op)
	}
	return nil
}

func direction(response bool) string {
	if response {
		return "RESPONSE"
	}
	return "REQUEST"
}
