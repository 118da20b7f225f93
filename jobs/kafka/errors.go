package kafka

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// unreachable is the failure of a call that the brokers did not answer.
func (c Config) unreachable(doing string, err error) error {
	why := reason(err)
	open, refusal, hint := c.connection.state()
	switch {
	case refusal != "":
		return flow.Fail(flow.Unavailable, "%s: Kafka at %s %s", doing, c.Brokers, refusal)
	case hint != "":
		why = hint
	case !open && listens(c.Brokers):
		why = "it takes connections: perhaps it wants TLS or a login, see --kafka-ca, --kafka-user and --kafka-cert"
	}
	return flow.Fail(flow.Unavailable, "%s: Kafka at %s does not answer: is it running, and is --brokers right? (%s)", doing, c.Brokers, why)
}

// failed gives the error of a call to the brokers its class.
func (c Config) failed(doing string, err error) error {
	var ke ck.Error
	if !errors.As(err, &ke) {
		_, refusal, _ := c.connection.state()
		if errors.Is(err, context.DeadlineExceeded) || refusal != "" {
			return c.unreachable(doing, err)
		}
		return fmt.Errorf("%s: %w", doing, err)
	}
	if fenced(err) {
		return fmt.Errorf("%s: %w", doing, flow.ErrFenced)
	}
	switch ke.Code() {
	case ck.ErrTimedOut, ck.ErrTimedOutQueue, ck.ErrTransport, ck.ErrAllBrokersDown, ck.ErrResolve, ck.ErrRequestTimedOut, ck.ErrNetworkException:
		return c.unreachable(doing, err)
	case ck.ErrUnknownTopicOrPart, ck.ErrUnknownTopic, ck.ErrUnknownPartition:
		return flow.Fail(flow.Usage, "%s: the topic does not exist: run `senmeteo topics` first, or check --topic-prefix", doing)
	case ck.ErrInvalidArg, ck.ErrInvalidConfig:
		text := reason(err)
		if name := settingName.FindString(ke.Error()); name != "" {
			text += " (setting " + name + ")"
		}
		return flow.Fail(flow.Usage, "%s: %s", doing, text)
	case ck.ErrSaslAuthenticationFailed, ck.ErrAuthentication, ck.ErrTopicAuthorizationFailed, ck.ErrGroupAuthorizationFailed, ck.ErrClusterAuthorizationFailed, ck.ErrTransactionalIDAuthorizationFailed:
		return flow.Fail(flow.Unavailable, "%s: Kafka refuses the credentials: %s", doing, reason(err))
	}
	return flow.Fail(flow.Unavailable, "%s: %s", doing, reason(err))
}

// settingName finds what librdkafka refuses to take. The rest of what it says may quote a secret.
var settingName = regexp.MustCompile(`\b(ssl|sasl|https|security|socket|broker|client|enable)\.[a-z]+(\.[a-z]+)*`)

// reason is an error of librdkafka on one line, without its address list.
func reason(err error) string {
	var ke ck.Error
	if errors.As(err, &ke) {
		return ke.Code().String()
	}
	return err.Error()
}

// fenced reports whether an error means that another producer has opened the transactional id.
func fenced(err error) bool {
	var ke ck.Error
	if !errors.As(err, &ke) {
		return false
	}
	switch ke.Code() {
	case ck.ErrFenced, ck.ErrProducerFenced, ck.ErrInvalidProducerEpoch:
		return true
	}
	return false
}
