// Limited access (REF-90, PM-2).

#include "services/programmes/domain/access.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

common::v1::Actor Actor(const std::string& id, const std::string& org,
                        const std::string& role = "FAC") {
  common::v1::Actor actor;
  actor.set_id(id);
  actor.set_organisation(org);
  actor.add_roles(role);
  return actor;
}

TEST(AccessTest, TheTableOfREF90) {
  const struct {
    const char* lists;
    bool official, provider;
  } cases[] = {
      {"", true, true},
      {"excluded { user_id: 'u1' }", false, false},
      {"restricted { user_id: 'other' }", false, false},
      {"restricted { user_id: 'u1' }", true, true},
      {"excluded { user_id: 'other' }", true, false},
      {"excluded { user_id: 'other' } cleared { user_id: 'u1' org: 'S01' }", true, true},
      {"excluded { user_id: 'u1' } restricted { user_id: 'u1' }", false, false},
      {"cleared { user_id: 'other' org: 'S01' }", true, true},
  };
  for (const auto& c : cases) {
    v1::AccessCopy access;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(c.lists, &access));
    EXPECT_EQ(MaySee(access, Actor("u1", "")), c.official) << c.lists;
    EXPECT_EQ(MaySee(access, Actor("u1", "S01")), c.provider) << c.lists;
    EXPECT_TRUE(MaySee(access, Actor("u1", "", "SYS"))) << c.lists;
  }
  v1::AccessCopy org;
  org.add_excluded()->set_org("S02");
  EXPECT_FALSE(MaySee(org, Actor("u9", "S02"))) << "a whole organisation";
}

}  // namespace
}  // namespace pdp::programmes
