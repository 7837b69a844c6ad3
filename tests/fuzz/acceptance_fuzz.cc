// The reader rule against a model written from its table, on streams in which writers die, come
// back as zombies, repeat, lose and alter records; and against itself: a reader that stops anywhere
// and goes on from what it has stored accepts the same history.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/check.h"
#include "libs/base/hash.h"
#include "libs/record/acceptance.h"
#include "libs/record/codec.h"

namespace {

using pdp::Digest;
using pdp::log::v1::Record;
using pdp::record::Acceptance;
using pdp::record::ReaderState;
using pdp::record::Verdict;

struct Sent {
  Record record;
  std::string bytes;
};

// The input as a source of small decisions; zeros when it is used up.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool left() const { return at_ < size_; }
  uint8_t Next() { return at_ < size_ ? data_[at_++] : 0; }

 private:
  const uint8_t* const data_;
  const size_t size_;
  size_t at_ = 0;
};

// The table of libs/record/acceptance.h with everything remembered. Differs from the reader only
// where the reader no longer remembers: it then says duplicate where this says fork.
class Model {
 public:
  Verdict Offer(const Sent& sent) {
    const Record& r = sent.record;
    if (r.has_epoch_started()) {
      if (r.epoch() <= epoch_) return Verdict::kStaleEpoch;
      if (r.seq() > seq()) return Verdict::kFork;
      if (r.seq() == seq() && r.prev_hash() != hash_.view()) return Verdict::kFork;
      epoch_ = r.epoch();
      hash_ = pdp::Sha256(sent.bytes);
      epoch_began_ = seq();
      return Verdict::kAccepted;
    }
    if (r.epoch() < epoch_) return Verdict::kStaleEpoch;
    if (r.epoch() > epoch_) return Verdict::kGap;
    if (r.seq() <= seq()) {
      // Of an older epoch, or never: nothing to compare it with.
      if (r.seq() <= epoch_began_ || r.seq() == 0) return Verdict::kDuplicate;
      return history_[r.seq() - 1] == sent.bytes ? Verdict::kDuplicate : Verdict::kFork;
    }
    if (r.seq() > seq() + 1) return Verdict::kGap;
    if (r.prev_hash() != hash_.view()) return Verdict::kFork;
    history_.push_back(sent.bytes);
    hash_ = pdp::Sha256(sent.bytes);
    return Verdict::kAccepted;
  }
  uint64_t seq() const { return history_.size(); }
  uint64_t epoch() const { return epoch_; }
  const Digest& hash() const { return hash_; }

 private:
  uint64_t epoch_ = 0, epoch_began_ = 0;
  Digest hash_;
  std::vector<std::string> history_;
};

// A writer knows what it last wrote or read; zombies do not know more.
struct Writer {
  uint64_t epoch = 0, seq = 0;
  Digest hash;
};

Sent Make(Choices& choices, Writer& writer, bool starts_epoch) {
  Sent sent;
  sent.record.set_area("N56");
  sent.record.set_epoch(writer.epoch);
  sent.record.set_seq(starts_epoch ? writer.seq : writer.seq + 1);
  sent.record.set_prev_hash(std::string(writer.hash.view()));
  if (starts_epoch) {
    sent.record.mutable_epoch_started()->set_owner_id(std::to_string(choices.Next()));
  } else {
    sent.record.mutable_commit()->set_tenant(std::to_string(choices.Next()));
    ++writer.seq;
  }
  sent.bytes = pdp::record::Encode(sent.record);
  writer.hash = pdp::Sha256(sent.bytes);
  return sent;
}

std::vector<Sent> MakeStream(Choices& choices) {
  std::vector<Sent> stream;
  // Offered to as written: what an honest writer reads before it claims.
  Model read;
  std::vector<Writer> writers;
  const auto send = [&](Sent sent) {
    read.Offer(sent);
    stream.push_back(std::move(sent));
  };
  while (choices.left() && stream.size() < 400) {
    const uint8_t what = choices.Next();
    const uint8_t which = choices.Next();
    switch (what % 8) {
      case 0: {  // a claim, of the newest, the same or a far epoch
        Writer writer{read.epoch() + which % 3, read.seq(), read.hash()};
        send(Make(choices, writer, true));
        writers.push_back(writer);
        break;
      }
      case 1:
      case 2:
      case 3:  // the newest writer, or an old one
        if (!writers.empty()) {
          Writer& writer = which % 4 == 0 ? writers[which % writers.size()] : writers.back();
          send(Make(choices, writer, false));
        }
        break;
      case 4:  // again
        if (!stream.empty()) send(Sent(stream[which % stream.size()]));
        break;
      case 5:  // written and lost
        if (!writers.empty()) Make(choices, writers.back(), false);
        break;
      case 6:  // altered: any of its fields
        if (!stream.empty()) {
          Sent sent = stream[which % stream.size()];
          const uint8_t field = choices.Next();
          if (field % 4 == 0) sent.record.set_seq(choices.Next());
          if (field % 4 == 1) sent.record.set_epoch(choices.Next());
          if (field % 4 == 2) sent.record.set_prev_hash(std::string(32, 'x'));
          if (field % 4 == 3) sent.record.mutable_commit()->set_reply("x");
          sent.bytes = pdp::record::Encode(sent.record);
          send(std::move(sent));
        }
        break;
      case 7:  // two of them the other way round
        if (stream.size() > 1) std::swap(stream[stream.size() - 1], stream[stream.size() - 2]);
        break;
    }
  }
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Choices choices(data, size);
  const size_t stop_at = choices.Next();
  const std::vector<Sent> stream = MakeStream(choices);
  Model model;
  Acceptance reader{ReaderState()};
  std::optional<Acceptance> resumed;
  for (size_t i = 0; i < stream.size(); ++i) {
    if (i == stop_at) resumed.emplace(reader.state());
    const Digest before = reader.state().hash;
    const Verdict verdict = reader.Offer(stream[i].bytes, stream[i].record);
    PDP_CHECK(verdict == model.Offer(stream[i]), "the reader and the table differ");
    PDP_CHECK(reader.state().seq.value() == model.seq(), "they stand at the same seq");
    PDP_CHECK(reader.state().epoch.value() == model.epoch(), "and in the same epoch");
    PDP_CHECK(reader.state().hash == model.hash(), "on the same chain");
    if (verdict != Verdict::kAccepted) {
      PDP_CHECK(reader.state().hash == before, "what is not accepted changes nothing");
    }
    if (resumed.has_value()) {
      // It has forgotten what it accepted before: a fork there looks like a duplicate to it.
      const Verdict again = resumed->Offer(stream[i].bytes, stream[i].record);
      PDP_CHECK((again == Verdict::kAccepted) == (verdict == Verdict::kAccepted),
                "a reader that went on accepts another history");
      PDP_CHECK(resumed->state().hash == reader.state().hash, "and has another chain");
      PDP_CHECK(again == verdict ||
                    (again == Verdict::kDuplicate && verdict == Verdict::kFork),
                "it says something else");
      if (again == Verdict::kFork) return 0;
    }
    if (verdict == Verdict::kFork) return 0;  // stop: nothing may be offered after it
  }
  return 0;
}
