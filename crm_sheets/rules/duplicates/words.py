"""Words that company names are made of, beside the name proper: forms of company, trades, branches, remarks."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _either(text: str) -> str:
    """A regular expression for any of the words, the longest first."""
    return "|".join(sorted(text.split(), key=len, reverse=True))


LEGAL_FORMS = _words("""
    股份有限责任公司 集团股份有限公司 股份有限公司 有限责任公司 集团有限责任公司 集团有限公司 控股有限公司 有限公司
    股份公司 总公司 集团公司 有限合伙企业 有限合伙 普通合伙 个人独资企业 合伙企业 集团 股份 控股 公司 有限 有限责任
    合作社 专业合作社 工作室 经营部 商行 商店 门市部 服务部 厂 店 行
    """)
"""Chinese forms of company and of sole trader, which a name may carry or leave out."""

TRADER_FORMS = frozenset(
    _words("""
    工作室 经营部 商行 商店 门市部 服务部 厂 店 行 合作社 专业合作社
    """)
)
"""Forms that say what the business is: two that differ make two businesses."""

BRANCHES = _either("""
    分公司 子公司 分店 分部 分行 支行 分厂 办事处 代表处 营业部 门店 旗舰店 专卖店
    """)
"""Words after which a name means a part of a firm, not the firm."""

REMARKS = _either("""
    重复 新 旧 老 总部 总公司 vip 已合作 意向 潜在 重点 老客户 新客户 大客户 待确认 作废 测试 停用 勿删 备用 原 更名
    new old dup duplicate
    """)
"""What staff write behind a name; it is not part of it."""

TRADES = frozenset(
    _words("""
    智能科技 网络科技 信息科技 生物科技 环保科技 教育科技 电子科技 新能源科技 医疗科技 农业科技 软件科技 数字科技
    光电科技 科技发展 科技 信息技术 网络技术 技术开发 技术服务 技术 电子商务 商务 电子 电器 电气 电力 电缆 电池 电机
    软件 网络 通信 通讯 通讯设备 数据 信息 计算机 自动化 建筑工程 建筑安装 装饰工程 装饰设计 装饰 装修 市政工程
    市政建设 园林绿化 园林 工程 建设 建设工程 建筑 建材 安装 系统工程 环境工程 消防工程 消防设备 医疗器械 医疗 医药
    药业 制药 药材 大药房 生物医药 生物 生化 健康 健康管理 保健 文化传媒 文化传播 文化 传媒 广告 广告代理 广告传媒
    影视 影业 出版 印刷 印务 包装 设计 品牌设计 平面设计 品牌管理 品牌 策划 会展 展览 国际展览 餐饮管理 餐饮
    酒店管理 酒店 宾馆 食品 饮料 酒业 茶业 粮油 乳业 水产 农业 农业发展 牧业 养殖 种业 林业 木业 家居 家具 家纺 纺织
    服装 服饰 鞋业 皮革 皮革制品 贸易 商贸 国际贸易 进出口 进出口贸易 实业 工贸 百货 零售 供应链 供应链管理 物流
    物流管理 货运 速递 快递 运输 仓储 航运 船务 航空 汽车 汽车配件 汽车销售 汽车修理 汽车服务 汽配 出租汽车 投资管理
    投资 资产管理 财务管理 企业管理 企业管理咨询 管理咨询 管理 咨询 商务咨询 信息咨询 顾问 代理 服务 劳务 劳务中介
    人力资源 人才 家政 保安 物业 物业管理 物业服务 房地产开发 房地产 地产 置业 房产 开发 发展 经营 销售 金融 保险
    证券 融资 融资租赁 租赁 基金 典当 担保 支付 教育 教育咨询 教育培训 培训 学校 旅游 旅行社 旅行 国旅 娱乐 体育
    体育文化 健身 美容 美发 美妆 化妆品 护肤 日化 机械 机械设备 机械制造 机电 机电设备 机电工程 设备 工业 制造 五金
    模具 仪器 仪表 材料 新材料 化工 化学 塑料 塑胶 橡胶 陶瓷 玻璃 钢铁 金属 金属制品 合金 矿业 石油 石化 能源 新能源
    电源 光学 眼镜 照明 灯饰 珠宝 首饰 工艺品 礼品 玩具 母婴 宠物 环保 环境 节能 净水 制冷 空调 厨卫 卫浴 门窗 涂料
    油气 燃气 热力 水务 律师 律师事务所 会计 会计师事务所 税务 知识产权 检测 认证 信息系统 智能 智能制造 数码 制品
    用品 办公用品 文具 体育用品
    """)
)
"""Trades that a Chinese company name tells after the name proper."""

LEGAL_TOKENS = frozenset(
    _words("""
    co ltd limited inc incorporated llc llp lp plc corp corporation company gmbh ag sa sarl srl bv nv pte pty kg oy
    ab as spa cn
    """)
)
"""Western forms of company, and the short words round them."""

SMALL_WORDS = frozenset(
    _words("""
    the and of for
    """)
)
"""Words that a Western name may leave out."""

TRADE_TOKENS = frozenset(
    _words("""
    technologies technology tech software systems solutions consulting consultants services service group holdings
    holding industries industrial international global trading logistics media medical pharma pharmaceuticals energy
    power electronics electric engineering construction packaging plastics chemicals textiles apparel foods food
    furniture instruments optics robotics motors marine partners associates semiconductor enterprises ventures
    capital design manufacturing materials products supply networks digital labs studio studios education healthcare
    """)
)
"""English words that tell a trade rather than name a firm."""

TITLES = _either("""
    先生 女士 小姐 太太 经理 总监 总经理 总 老师 主任 主管 部长 厂长 老板 董事长 工程师 工 会计 采购 销售 财务 助理
    秘书
    """)
"""Titles behind a Chinese name."""

WESTERN_TITLES = frozenset(
    _words("""
    mr mrs ms miss dr prof sir madam manager director
    """)
)
"""Titles before a Western name."""

SHARED_MAILBOXES = frozenset(
    _words("""
    info sales sale contact office admin service support hr marketing mail hello market business export
    """)
)
"""Local parts that belong to a desk rather than to a person."""

FREE_MAIL = frozenset(
    _words("""
    qq.com 163.com 126.com 139.com 189.cn sina.com sina.cn sohu.com yeah.net foxmail.com aliyun.com 21cn.com tom.com
    wo.cn gmail.com hotmail.com outlook.com live.com yahoo.com yahoo.com.cn icloud.com aol.com msn.com me.com
    proton.me protonmail.com gmx.de gmx.net web.de mail.ru yandex.ru vip.163.com vip.qq.com
    """)
)
"""Mail providers whose domain says nothing about the firm."""
