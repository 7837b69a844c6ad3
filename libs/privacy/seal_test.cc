#include "libs/privacy/seal.h"

#include <memory>
#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/privacy/testdata.pb.h"

namespace pdp::privacy {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::pdp::testing::StatusIs;

test::Event Registered() {
  test::Event event;
  test::Registered& registered = *event.mutable_registered();
  registered.set_crn("X100001");
  registered.set_name("Ann Example");
  registered.mutable_address()->set_line("1 Secret Street");
  registered.mutable_address()->set_region("East");
  registered.add_needs()->set_text("dyslexia");
  registered.set_minutes(30);
  registered.add_codes("A");
  (*registered.mutable_notes())["k"] = "hearing aid";
  return event;
}

class SealTest : public ::testing::Test {
 protected:
  std::unique_ptr<KeyVault> vault_ = MakeMemoryKeyVault();
};

TEST_F(SealTest, PersonalFieldsLeaveTheClearPartAndComeBack) {
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(Registered(), "X100001", "svc/N56/a/1", *vault_));
  ASSERT_TRUE(split.sealed.has_value());
  EXPECT_EQ(split.sealed->key_id(), "X100001");
  const std::string stored = split.clear + split.sealed->SerializeAsString();
  for (const char* text : {"Ann", "Secret Street", "dyslexia", "hearing"}) {
    EXPECT_EQ(stored.find(text), std::string::npos) << text;
  }
  test::Event clear;
  ASSERT_TRUE(clear.ParseFromString(split.clear));
  EXPECT_EQ(clear.registered().crn(), "X100001");
  EXPECT_EQ(clear.registered().address().region(), "East");
  EXPECT_EQ(clear.registered().minutes(), 30);
  test::Event back;
  ASSERT_OK_AND_ASSIGN(const bool whole,
                       Unseal(split.clear, &*split.sealed, "svc/N56/a/1", *vault_, &back));
  EXPECT_TRUE(whole);
  EXPECT_TRUE(MessageDifferencer::Equals(back, Registered())) << back.DebugString();
}

TEST_F(SealTest, ARowSealedAgainIsTheSameBytesAndAnotherOneIsNot) {
  const auto sealed = [&](const test::Event& event, const char* subject, const char* context) {
    const auto split = SealRow(event, subject, context, *vault_);
    EXPECT_OK(split);
    return split->sealed->SerializeAsString();
  };
  const std::string first = sealed(Registered(), "X100001", "people/N56/1");
  EXPECT_EQ(sealed(Registered(), "X100001", "people/N56/1"), first);
  // Whatever differs, the nonce does: none is used twice for different texts.
  test::Event renamed = Registered();
  renamed.mutable_registered()->set_name("Ann Other");
  const auto nonce = [](const std::string& bytes) {
    log::v1::Sealed parsed;
    EXPECT_TRUE(parsed.ParseFromString(bytes));
    EXPECT_EQ(parsed.nonce().size(), 12u);
    return parsed.nonce();
  };
  for (const std::string& other : {sealed(renamed, "X100001", "people/N56/1"),
                                   sealed(Registered(), "X100002", "people/N56/1"),
                                   sealed(Registered(), "X100001", "people/N56/2")}) {
    EXPECT_NE(nonce(other), nonce(first));
  }
  ASSERT_OK_AND_ASSIGN(const Split split, SealRow(Registered(), "X100001", "c", *vault_));
  test::Event back;
  ASSERT_OK_AND_ASSIGN(const bool whole, Unseal(split.clear, &*split.sealed, "c", *vault_, &back));
  EXPECT_TRUE(whole);
  EXPECT_TRUE(MessageDifferencer::Equals(back, Registered())) << back.DebugString();
}

TEST_F(SealTest, AfterErasureTheClearFieldsRemainAndThePersonalOnesAreEmpty) {
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(Registered(), "X100001", "c", *vault_));
  ASSERT_OK(vault_->Destroy("X100001"));
  test::Event back;
  ASSERT_OK_AND_ASSIGN(const bool whole, Unseal(split.clear, &*split.sealed, "c", *vault_, &back));
  EXPECT_FALSE(whole);
  EXPECT_EQ(back.registered().crn(), "X100001");
  EXPECT_EQ(back.registered().name(), "");
  EXPECT_EQ(back.registered().needs_size(), 0);
  EXPECT_THAT(Seal(Registered(), "X100001", "c", *vault_),
              StatusIs(absl::StatusCode::kNotFound, "erased"));
}

TEST_F(SealTest, InTheWrongVaultPersonalDataIsNotTakenForErased) {
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(Registered(), "X100001", "c", *vault_));
  const std::unique_ptr<KeyVault> other = MakeMemoryKeyVault();
  test::Event out;
  EXPECT_THAT(Unseal(split.clear, &*split.sealed, "c", *other, &out),
              StatusIs(absl::StatusCode::kFailedPrecondition, "unknown"));
}

TEST_F(SealTest, WithoutPersonalDataNoKeyIsMade) {
  test::Event event;
  event.mutable_moved()->set_minutes(5);
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(event, "", "c", *vault_));
  EXPECT_FALSE(split.sealed.has_value());
  test::Event empty_person;
  empty_person.mutable_registered()->mutable_address()->set_region("East");
  ASSERT_OK_AND_ASSIGN(const Split same, Seal(empty_person, "X1", "c", *vault_));
  EXPECT_FALSE(same.sealed.has_value());
  EXPECT_THAT(vault_->Find("X1"), StatusIs(absl::StatusCode::kFailedPrecondition, "unknown"));
  test::Event back;
  ASSERT_OK_AND_ASSIGN(const bool whole, Unseal(same.clear, nullptr, "c", *vault_, &back));
  EXPECT_TRUE(whole);
  EXPECT_TRUE(MessageDifferencer::Equals(back, empty_person));
}

TEST_F(SealTest, APersonalCaseOfAOneofComesBack) {
  test::Event event;
  event.set_remark("about somebody");
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(event, "X1", "c", *vault_));
  EXPECT_EQ(split.clear, "");
  test::Event back;
  ASSERT_OK(Unseal(split.clear, &*split.sealed, "c", *vault_, &back));
  EXPECT_EQ(back.remark(), "about somebody");
}

TEST_F(SealTest, ASubmessageWithOnlyPersonalFieldsStaysSet) {
  test::Event event;
  event.mutable_registered()->mutable_address()->set_line("1 Secret Street");
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(event, "X1", "c", *vault_));
  test::Event clear;
  ASSERT_TRUE(clear.ParseFromString(split.clear));
  EXPECT_TRUE(clear.registered().has_address());
}

TEST_F(SealTest, PersonalDataWithoutAPersonIsRefused) {
  EXPECT_THAT(Seal(Registered(), "", "c", *vault_), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(SealTest, SealedBytesOpenInTheirOwnPlaceOnly) {
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(Registered(), "X1", "svc/N56/a/1", *vault_));
  test::Event back;
  EXPECT_THAT(Unseal(split.clear, &*split.sealed, "svc/N56/a/2", *vault_, &back),
              StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK(vault_->Obtain("X2"));
  log::v1::Sealed moved = *split.sealed;
  moved.set_key_id("X2");
  EXPECT_THAT(Unseal(split.clear, &moved, "svc/N56/a/1", *vault_, &back),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SealTest, TheSameMessageIsNeverSealedToTheSameBytes) {
  ASSERT_OK_AND_ASSIGN(const Split one, Seal(Registered(), "X1", "c", *vault_));
  ASSERT_OK_AND_ASSIGN(const Split two, Seal(Registered(), "X1", "c", *vault_));
  EXPECT_NE(one.sealed->ciphertext(), two.sealed->ciphertext());
  EXPECT_EQ(one.clear, two.clear);
}

TEST_F(SealTest, ASchemaThatRepeatsPersonalFieldsIsRefused) {
  test::Wrong wrong;
  EXPECT_THAT(Seal(wrong, "X1", "c", *vault_),
              StatusIs(absl::StatusCode::kFailedPrecondition, "addresses"));
  EXPECT_THAT(HasPersonalFields(*test::Wrong::descriptor()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SealTest, TypesSayWhetherTheyHoldPersonalData) {
  EXPECT_TRUE(*HasPersonalFields(*test::Event::descriptor()));
  EXPECT_FALSE(*HasPersonalFields(*test::Moved::descriptor()));
  EXPECT_TRUE(*HasPersonalFields(*test::Tree::descriptor()));
}

TEST_F(SealTest, ATypeThatRefersToItselfIsSealedAtEveryDepth) {
  test::Tree tree;
  tree.mutable_left()->mutable_left()->set_name("deep");
  ASSERT_OK_AND_ASSIGN(const Split split, Seal(tree, "X1", "c", *vault_));
  EXPECT_EQ(split.clear.find("deep"), std::string::npos);
  test::Tree back;
  ASSERT_OK(Unseal(split.clear, &*split.sealed, "c", *vault_, &back));
  EXPECT_EQ(back.left().left().name(), "deep");
}

}  // namespace
}  // namespace pdp::privacy
